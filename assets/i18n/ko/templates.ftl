# 연결 편집기의 링크 도메인과 링크 복사 형식.

connection-addressing-dual-stack = 자동, IPv4와 IPv6 모두
templates-title = 링크 도메인
templates-none = 링크는 서비스 주소로 이어집니다. CDN이나 내 도메인으로 파일을 제공한다면 그 주소를 추가하세요.
templates-how = 주소에 { "{scheme}" } { "{host}" } { "{bucket}" } { "{key}" } { "{region}" }을 쓸 수 있습니다. 일반 주소 뒤에는 키가 붙고, 모든 버킷용이면 버킷과 키가 붙습니다. 가장 구체적인 항목이 적용됩니다.
templates-place = 버킷 또는 폴더
templates-pattern = 주소
templates-drop = 키에서 뺄 부분
templates-place-hint = 모든 버킷
templates-place-of = { $number }번째 항목의 버킷 또는 폴더
templates-pattern-of = { $number }번째 항목의 주소
templates-drop-of = { $number }번째 항목이 키에서 빼는 접두사
templates-add = 주소 추가
templates-remove = { $number }번째 항목 삭제
templates-example = 예시 객체
templates-example-note = 위 주소는 이 객체의 주소입니다. 테스트는 키 없이 이 객체를 요청합니다.
templates-example-elsewhere = 예시 객체는 이 항목으로 제공되지 않습니다. 제공되는 객체라면 이런 주소가 됩니다.
templates-test = { $number }번째 항목 테스트
templates-testing = 키 없이 요청하는 중…

templates-problem-place = 버킷 또는 버킷/폴더 형식이 아닙니다
templates-problem-empty = 주소가 없습니다. 예: https://cdn.example.com/{ "{key}" }
templates-problem-not-a-url = 웹 주소가 아닙니다
templates-problem-scheme = 링크 주소는 http:// 또는 https://로 시작합니다
templates-problem-user-info = 링크를 받은 사람 모두가 이 사용자 이름이나 암호를 보게 되니 빼세요
templates-problem-fragment = # 뒤는 서버에 전달되지 않으니 빼세요
templates-problem-missing-key = { "{key}" }가 없습니다. 호스트 뒤, 키가 들어갈 자리에 넣으세요
templates-problem-unknown-placeholder = 중괄호 안에는 { "{scheme}" }, { "{host}" }, { "{bucket}" }, { "{key}" }, { "{region}" }만 쓸 수 있습니다

templates-no-address-domain = 이 서비스의 S3 엔드포인트는 키 없이 열 수 없어, 공개 링크에는 도메인이 필요합니다
templates-no-address-directory = 디렉터리 버킷은 공개할 수 없습니다
templates-no-address-multi-region = 다중 리전 액세스 포인트는 전용 서명(SigV4A)이 없는 요청에 응답하지 않습니다
templates-no-address-dots = 브라우저로 열 수 없는 키입니다. 경로에 “.” 또는 “..”이 있습니다

templates-note-internal = 이 호스트는 인터넷에서 접속할 수 없고 여기서만 접속할 수 있습니다
templates-note-website = 버킷의 웹사이트 주소입니다. 암호화되지 않으며 폴더와 없는 페이지를 다르게 처리합니다
templates-note-plain-http = 암호화되지 않아 전송 중에 누구나 내용을 볼 수 있습니다
templates-note-old-form = Amazon의 예전 주소 형식이며 새로운 리전에서는 열리지 않습니다
templates-note-rate-limited = r2.dev는 시험용이라 초당 요청 수가 제한됩니다
templates-note-china = 중국에서는 ICP 등록 없이 이 주소가 열리지 않을 수 있습니다
templates-note-slashes = 일부 프록시와 CDN은 “//”를 “/”로 합치므로, 그런 곳을 거치면 이 링크가 다른 곳으로 연결됩니다
templates-note-control = 키에 제어 문자가 있어 일부 프로그램에서는 링크가 잘립니다

link-format-bbcode = BBCode로 복사
link-format-arn = ARN 복사
link-format-aws-cli = AWS CLI 명령 복사
link-format-template = 내 형식으로 복사
command-copy-bbcode = BBCode로 복사
command-copy-arn = ARN 복사
command-copy-aws-cli = AWS CLI 명령 복사
command-copy-template = 내 형식으로 복사
settings-link-format-bbcode = BBCode
settings-link-format-arn = ARN
settings-link-format-aws-cli = AWS CLI 명령
settings-link-format-template = 내 형식
settings-link-template = 내 형식
settings-link-template-note = { "{url}" } { "{name}" } { "{key}" } { "{bucket}" } { "{s3}" } { "{arn}" } 자리에 값이 그대로 들어갑니다

no-address-domain-advice = 저장된 연결에 도메인을 추가하거나 --expires로 만료되는 링크를 만드세요
no-address-directory-advice = --expires로 만료되는 링크를 만드세요
no-address-multi-region-advice = 연결된 버킷 중 하나의 객체 링크를 쓰세요. 만료되는 링크도 만들 수 없습니다
no-address-dots-advice = 다른 키로 업로드하세요
