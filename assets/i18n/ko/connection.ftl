# 연결 편집기.

connection-new-title = 새 연결
connection-edit-title = 연결 편집
connection-tab-access-key = 액세스 키
connection-tab-aws-profile = AWS 프로필
connection-tab-anonymous = 익명

connection-name = 이름
connection-name-hint = 알아보기 쉬운 이름
connection-service = 서비스
connection-service-other = MinIO 또는 다른 S3 서비스
connection-service-this-computer = 이 컴퓨터
connection-endpoint = 엔드포인트
connection-endpoint-plain-http = 암호화되지 않는 주소입니다. 파일과 링크가 전송 중에 노출될 수 있습니다
connection-region = 리전
connection-region-find = 리전을 찾거나 코드를 입력
connection-region-automatic = 자동
connection-region-usual = 기본값
connection-region-default = 서비스 기본값
connection-region-of-profile = 프로필에 지정된 리전
connection-access-key-id = 액세스 키 ID
connection-secret = 비밀 액세스 키
connection-secret-show = 누르고 있는 동안 보기
connection-secret-kept = 비워 두면 저장된 키를 그대로 씁니다
connection-secret-place = 시스템 키체인에만 보관하고 파일에는 쓰지 않습니다. IAM에서 받은 credentials.csv를 여기에 놓거나 내용을 붙여넣어도 됩니다.
connection-secret-no-keychain = { $why }. 비밀 키는 종료할 때까지 메모리에만 둘 수 있으며 파일에는 쓰지 않습니다.
connection-key-file-empty = 이 파일에서 액세스 키를 찾지 못했습니다. IAM의 credentials.csv와 ~/.aws/credentials를 읽을 수 있습니다.
connection-buckets = 버킷
connection-buckets-hint = 비워 두면 모든 버킷, 아니면 버킷이나 버킷/폴더를 쉼표로 구분
connection-buckets-hint-anonymous = 버킷 또는 버킷/폴더, 쉼표로 구분
connection-anonymous-note = 서명 없이 요청하므로 모두에게 공개된 것만 볼 수 있습니다. 아래에 버킷 이름을 입력하세요.
connection-more = 옵션 더 보기
connection-less = 옵션 줄이기
connection-session-token = 세션 토큰
connection-session-token-hint = 임시 키일 때만
connection-addressing = 주소 방식
connection-addressing-auto = 자동
connection-addressing-path = 경로: 호스트/버킷/키
connection-addressing-virtual-host = 가상 호스트: 버킷.호스트/키

connection-payer = 요금
connection-payer-requester = 버킷 소유자가 내지 않는 요금을 제가 냅니다
connection-payer-note = 사용하는 쪽이 요금을 내는 버킷(requester pays)에서 요청, 업로드, 다운로드 요금이 이 키의 계정에 청구됩니다. 다른 버킷의 요금은 달라지지 않습니다.

connection-profile = 프로필
connection-profile-chain = 기본: 환경 변수, 그다음 default 프로필
connection-profiles-reading = 이 컴퓨터의 프로필을 읽는 중…
connection-profile-source = 연결할 때마다 ~/.aws와 환경 변수에서 읽으며 복사해 두지 않습니다. SSO 프로필은 “aws sso login” 후에 쓸 수 있습니다.

connection-key-command = 프로필의 명령 실행 허용
connection-key-command-note = 프로필에 credential_process가 있을 때만 필요합니다. 거기에 적힌 명령이 사용자 권한으로 실행됩니다.

connection-test = 테스트
connection-testing = 연결을 테스트하는 중…
connection-save = 저장하고 연결
connection-saving = 저장 중…
connection-try-again = 다시 시도
connection-keychain-waiting = 시스템 키체인의 응답을 기다리는 중입니다. 다른 창에서 암호를 묻고 있을 수 있습니다.
connection-this-run = 이번 실행에만 사용
connection-this-run-meaning = 키체인 없이도 비밀 키를 메모리에 둘 수 있습니다. 지금 바로 쓸 수 있고, 종료하면 사라집니다.

connection-problem-name = 연결 이름을 입력하세요
connection-problem-endpoint-empty = 이 서비스는 엔드포인트를 입력해야 합니다
connection-problem-endpoint-not-a-url = https://s3.example.com:9000 같은 웹 주소가 아닙니다
connection-problem-endpoint-scheme = 주소는 https:// 또는 http://로 시작해야 합니다
connection-problem-endpoint-extras = 사용자 이름이나 “?”, “#” 뒤의 내용 없이 서비스 주소만 입력하세요
connection-problem-region = 리전은 ap-northeast-2처럼 소문자, 숫자, 하이픈으로만 씁니다
connection-problem-access-key-id = 액세스 키 ID를 입력하세요
connection-problem-secret = 이 액세스 키 ID에 맞는 비밀 키를 입력하세요
connection-problem-scope = { $number }번째 항목이 버킷 또는 버킷/폴더 형식이 아닙니다

connection-test-reached = { $host }에 연결됨
connection-test-clock-agrees = 시계가 맞음
connection-test-clock-differs = 시계가 { $minutes }분 어긋나 있으니 자동으로 맞추세요. 15분 이상이면 S3가 요청을 거부합니다
connection-test-signed-in = { $key } 키로 로그인됨
connection-test-buckets-listed = 버킷 목록을 볼 수 있음: { $number }개
connection-test-bucket-reached = { $scope } 목록을 볼 수 있음
connection-test-may-not-list = 전체 버킷 목록을 볼 권한이 없습니다. 사용할 버킷을 입력하거나, 권한을 주는 IAM 정책을 복사하세요
connection-test-may-not-list-but-named = 전체 버킷 목록을 볼 권한이 없어, 입력한 버킷만 사용합니다
connection-test-copy-policy = 정책 복사
connection-test-old = 테스트 후 내용이 바뀌었습니다

connection-in-use-title = 이 연결을 쓰는 전송이 아직 있습니다
connection-in-use-why = 이렇게 바꾸면 요청을 보내는 곳이 달라집니다. 그곳의 같은 이름 버킷은 다른 사람의 것일 수 있습니다
connection-in-use-follow-meaning = 따라가기: 대기 중인 전송은 이제부터 새로운 곳으로 갑니다. 진행 중인 전송은 시작한 곳에서 끝납니다.
connection-in-use-cancel-meaning = 취소: 전송을 멈추고 실패한 항목은 목록에서 지웁니다. 새로운 곳으로는 아무것도 보내지 않습니다.
connection-in-use-back = 돌아가기
connection-in-use-follow = 저장하고 따라가기
connection-in-use-cancel = 저장하고 전송 { $number }개 취소
