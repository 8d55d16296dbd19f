# 확인한 링크: 누가 열면 어떻게 되는지, 왜 그런지, 무엇을 할 수 있는지.

verdict-public = 공개
verdict-public-signed = 만료될 때까지 열림
verdict-opens-over-tls = 리디렉션으로 열림
verdict-only-this-computer = 이 컴퓨터에서만 열림
verdict-only-this-network = 이 네트워크에서만 열림
verdict-only-through-proxy = 프록시를 거쳐 열림
verdict-only-from-here = 여기서는 열림
verdict-other-content = 다른 내용이 열림
verdict-only-at-origin = 도메인으로는 안 열림
verdict-private = 비공개
verdict-private-answers = 비공개 — 이 링크의 응답은 { $status }
verdict-archived = 아카이브됨
verdict-archived-answers = 아카이브됨 — 이 링크의 응답은 { $status }
verdict-expired = 만료됨
verdict-refused = 거부됨
verdict-refused-answers = 거부됨 — 이 링크의 응답은 { $status }
verdict-deleted = 삭제됨
verdict-missing = 객체 없음
verdict-not-found = 찾을 수 없음
verdict-not-found-answers = 찾을 수 없음 — 이 링크의 응답은 { $status }
verdict-untrusted-certificate = 신뢰할 수 없는 인증서
verdict-bad-certificate = 인증서가 맞지 않음
verdict-no-such-host = 없는 호스트
verdict-redirects = 다른 곳으로 이동함
verdict-no-address = 공개 주소 없음
verdict-unknown = 확인하지 못함

chip-public = 공개
chip-opens = 열림
chip-over-tls = 리디렉션
chip-only-here = 여기서만
chip-private = 비공개
chip-not-found = 없음
chip-broken = 안 열림
chip-unknown = 미확인

verdict-says-public = 누구에게나 열립니다
verdict-says-public-signed = 만료될 때까지 링크를 가진 누구에게나 열립니다
verdict-says-opens-over-tls = { $origin }로 리디렉션된 뒤에야 열립니다. { $origin }로 시작하는 링크를 전달하세요
verdict-says-only-this-computer = 이 컴퓨터로 연결되는 주소여서 다른 사람은 열 수 없습니다
verdict-says-only-this-network = 여기서는 열리지만 호스트가 사설 네트워크에 있어 다른 사람은 열지 못할 수 있습니다
verdict-says-only-through-proxy = 여기서는 프록시를 거쳐 열립니다. 호스트가 어디에 있는지 이 컴퓨터에서는 알 수 없어 다른 사람은 열지 못할 수 있습니다
verdict-says-only-from-here = 여기서는 열리지만 버킷이 공개되어 있지 않아 이 네트워크에서만 열릴 수 있습니다
verdict-says-other-content = 열리기는 하지만 이 객체가 아닙니다. 이전 사본이거나 오류 페이지입니다
verdict-says-only-at-origin = 버킷에서는 열리지만 내 도메인으로는 열리지 않습니다. CDN에 이전의 거부 응답이 남아 있을 수 있습니다
verdict-says-private-blocked = 다른 사람은 열 수 없습니다. 버킷에서 퍼블릭 액세스를 차단했습니다
verdict-says-private-perhaps-blocked = 정책이나 ACL이 공개하지만 다른 사람은 열 수 없습니다. 계정에서 퍼블릭 액세스를 차단했을 수 있습니다
verdict-says-private-opens-for-some = 여기서는 다른 사람이 열 수 없습니다. 버킷 정책이 IP 범위 같은 조건에서만 읽도록 허용합니다
verdict-says-private-policy-may-deny = 다른 사람은 열 수 없습니다. 버킷 정책이 IP 범위 같은 조건에 따라 거부했을 수 있습니다
verdict-says-private = 다른 사람은 열 수 없습니다. 객체는 있지만 비공개입니다
verdict-says-private-nothing-opens-it = 다른 사람은 열 수 없습니다. 정책도 ACL도 공개하지 않습니다
verdict-says-private-or-missing = 다른 사람은 열 수 없습니다. 비공개이거나 객체가 없습니다
verdict-says-private-encrypted = 다른 사람은 열 수 없습니다. 서명한 요청만 쓸 수 있는 키로 암호화되어 있습니다
verdict-says-private-archived = 지금은 읽을 수 없습니다. 객체가 아카이브에 있어 먼저 복원해야 합니다
verdict-says-private-requester-pays = 다른 사람은 열 수 없습니다. 읽는 사람이 자신의 키로 서명하고 요금을 내야 합니다
verdict-says-private-other-owner = 다른 사람은 열 수 없습니다. 객체가 다른 계정의 것이어서 버킷 정책이 적용되지 않습니다
verdict-says-private-policy-denies = 다른 사람은 열 수 없습니다. 버킷 정책이 거부합니다
verdict-says-private-keys-may-not-read = 거부됩니다. 서명한 키로는 이 객체를 읽을 수 없습니다
verdict-says-private-denied-to-keys = 거부됩니다. 정책이 서명한 키를 거부합니다
verdict-says-private-wrong-signature = 거부됩니다. 서명이 맞지 않습니다. 비밀 키가 틀렸거나 링크가 바뀌었습니다
verdict-says-private-wrong-clock = 날짜 때문에 거부됩니다. 이 컴퓨터나 서버의 시계가 맞지 않습니다
verdict-says-private-expired = 유효 기간이 지났습니다
verdict-says-private-never-served-here = 이 서비스는 S3 엔드포인트로 파일을 공개하지 않습니다. 내 도메인을 설정하세요
verdict-says-private-domain-refuses = 도메인 자체가 거부합니다. 버킷을 공개해도 달라지지 않습니다
verdict-says-not-found-wrong-address = 객체는 있지만 이 주소에는 없습니다. 도메인이나 경로가 틀렸습니다
verdict-says-not-found-cached = 객체는 있지만 앞단의 캐시가 없다고 응답합니다. 객체보다 오래된 응답일 수 있으니 나중에 다시 확인하세요
verdict-says-not-found-deleted = 객체가 삭제되었습니다. 최신 버전이 삭제 마커입니다
verdict-says-not-found-missing = 객체가 없습니다
verdict-says-not-found-no-such-bucket = 이 호스트에는 그런 버킷이 없습니다. 다른 리전이나 계정에 있습니다
verdict-says-not-found = 이 주소에는 아무것도 없습니다
verdict-says-bad-certificate = 인증서가 다른 호스트의 것이거나 지금은 유효하지 않아 브라우저가 열지 않고 경고합니다
verdict-says-untrusted-certificate = 컴퓨터가 기본으로 신뢰하지 않는 인증 기관이 서명한 인증서입니다. 그 기관을 추가하지 않은 사람에게는 브라우저가 열지 않고 경고합니다
verdict-says-no-such-host = 그런 호스트가 없습니다. 연결의 도메인을 확인하세요
verdict-says-redirects = 다른 호스트({ $host })로 넘어가며, 그 주소는 확인하지 않았습니다
verdict-says-redirects-within = 같은 호스트의 다른 페이지(로그인 등)로 넘어가며, 그 페이지는 확인하지 않았습니다
verdict-says-needs-domain = 이 서비스에서 공개 링크를 쓰려면 내 도메인이 필요합니다
verdict-says-directory-bucket = 디렉터리 버킷은 공개할 수 없습니다
verdict-says-multi-region = 다중 리전 액세스 포인트는 전용 서명(SigV4A)이 없는 요청에 응답하지 않으며, Bucketdrop은 그 서명을 만들 수 없습니다. 연결된 버킷 중 하나에서 객체를 공유하세요
verdict-says-dot-segment = 경로에 “.” 또는 “..”이 있어 어떤 브라우저로도 이 키를 열 수 없습니다
verdict-says-no-address = 공개 주소가 없습니다
verdict-says-unknown-timeout = 제때 응답이 없어 확인하지 못했습니다
verdict-says-unknown-unreachable = 호스트에 연결할 수 없어 확인하지 못했습니다
verdict-says-unknown-server-error = 서버가 바쁘거나 오류 상태여서 확인하지 못했습니다
verdict-says-unknown-another-answered = 스토리지 대신 다른 곳에서 응답하여 확인하지 못했습니다. 이 네트워크의 로그인 페이지일 수 있습니다
verdict-says-unknown-odd-answer = 이 객체에 대해 알 수 없는 응답이어서 확인하지 못했습니다
verdict-says-unknown-not-proven = 응답은 있지만 이 객체인지 확인할 수 없습니다

layer-block-not-blocked = 퍼블릭 액세스 차단이 공개 정책을 허용합니다
layer-block-new-policies = 퍼블릭 액세스 차단이 새 공개 정책을 거부합니다. 이미 있는 정책은 유효합니다
layer-block-new-acls = 퍼블릭 액세스 차단이 새 공개 ACL을 거부합니다
layer-block-acls-ignored = 퍼블릭 액세스 차단이 공개 ACL을 무시합니다
layer-block-strangers = 정책이 어떻든 퍼블릭 액세스 차단이 외부 접근을 막습니다
layer-block-all = 퍼블릭 액세스 차단이 모두 켜져 있습니다
layer-ownership-off = 버킷이 ACL을 쓰지 않습니다(버킷 소유자 적용)
layer-ownership-here = 객체가 버킷 소유자의 것입니다
layer-ownership-elsewhere = 객체가 다른 계정의 것이어서 버킷 정책이 적용되지 않습니다
layer-ownership-on = 버킷이 ACL을 씁니다
layer-policy-none = 버킷 정책이 없어 누구에게도 이 객체가 공개되지 않습니다
layer-policy-opens = 버킷 정책이 누구나 이 객체를 읽도록 허용합니다
layer-policy-does-not-open = 누구나 이 객체를 읽도록 허용하는 버킷 정책 문이 없습니다
layer-policy-denies = 버킷 정책 문 하나가 이 객체를 읽지 못하게 합니다
layer-policy-some = 버킷 정책이 IP 범위 같은 조건에서만 읽도록 허용합니다
layer-policy-may-deny = 버킷 정책 문 하나가 IP 범위 같은 조건에 따라 읽지 못하게 합니다
layer-policy-broken = 버킷 정책이 올바른 JSON이 아니어서 읽을 수 없습니다
layer-acl-opens = 객체의 ACL이 누구나 읽도록 허용합니다
layer-acl-does-not-open = 객체에 공개 ACL이 없습니다
layer-acl-no-lists = 이 서비스에는 객체 ACL이 없습니다
layer-encryption-plain = 암호화 때문에 막히지는 않습니다
layer-encryption-kms = KMS로 암호화되어 서명한 요청에만 열립니다
layer-encryption-customer = 업로드한 사람이 가진 키로 암호화되어 누구에게도 공개할 수 없습니다
layer-class-at-hand = 스토리지 클래스상 바로 읽을 수 있습니다
layer-class-archived = 스토리지 클래스가 아카이브여서 먼저 복원해야 합니다
layer-pays-owner = 요청 요금은 버킷 소유자가 냅니다
layer-pays-readers = 읽는 사람이 자신의 키로 서명하고 요금을 내야 합니다
layer-version-current = 최신 버전이 있습니다
layer-version-deleted = 최신 버전이 삭제 마커입니다
layer-unknown-block = 퍼블릭 액세스 차단: 이 키로는 볼 수 없습니다
layer-unknown-ownership = 객체 소유권: 이 키로는 볼 수 없습니다
layer-unknown-policy = 버킷 정책: 이 키로는 볼 수 없습니다
layer-unknown-acl = 객체의 ACL: 이 키로는 볼 수 없습니다
layer-unknown-encryption = 암호화: 이 키로는 볼 수 없습니다
layer-unknown-class = 스토리지 클래스: 이 키로는 볼 수 없습니다
layer-unknown-pays = 요청 요금: 이 키로는 볼 수 없습니다
layer-unknown-version = 버전: 이 키로는 볼 수 없습니다
layer-not-asked = { $layer }: 응답이 없거나 서비스가 지원하지 않습니다

link-checking = 확인하는 중…
link-checked-at = { $time }에 로그인 없이 확인함
link-check-again = 다시 확인
link-check-now = 지금 확인
link-copy-https = https 링크 복사
link-why = 이유
link-why-asking = 이유를 알아보는 중…
link-ways = 공유하는 방법
link-qr = QR 코드
link-all-layers = 전체 { $number }개 항목 보기
link-fewer-layers = 간단히 보기
link-region-not-learnt = 확인되지 않은 링크입니다. 버킷의 리전을 아직 모릅니다
link-region-strange = 확인되지 않은 링크입니다. { $region } 리전을 알지 못해 호스트 이름을 짐작했습니다
way-expiring = 만료되는 링크 복사…
way-prefix = { $prefix } 공개하기…
way-bucket = 버킷 전체 공개하기…
way-object = 이 객체 공개하기…
way-domain = CDN 도메인 사용…
way-restore = 먼저 아카이브에서 복원하세요. AWS 콘솔에서 “복원 시작”을 고르거나 aws s3api restore-object를 실행합니다
way-take-over = 버킷 계정의 키로 다시 업로드하거나 버킷의 객체 소유권을 “버킷 소유자 적용”으로 바꾸면 버킷 정책이 이 객체에도 적용됩니다
way-re-encrypt = SSE-S3 암호화로 다시 업로드하세요(예: bucketdrop-cli upload --sse AES256 --on-conflict overwrite). KMS로는 서명 없는 링크가 열리지 않습니다

notice-links-and = { $told }
    { $state }
notice-not-public = { $title }
    { $why }
    { $advice }
public-nothing-refuses = – 이 키로 볼 수 있는 설정 중에는 막는 것이 없습니다. 계정에서 차단했을 수 있습니다
links-state-checking = 열리는지 확인하는 중…
links-state-checking-many = 확인하는 중: { $asked }개 중 { $checked }개…
links-state-all-open = { $total }개 중 { $checked }개 확인, 모두 누구에게나 열립니다
links-state-some-bad = { $total }개 중 { $checked }개 확인, { $bad }개는 다른 사람이 열 수 없습니다. 첫 번째: { $name }. { $why }
links-state-some-unknown = { $total }개 중 { $checked }개 확인, { $bad }개는 확인하지 못했습니다
links-state-redirected = { $total }개 중 { $checked }개 확인, { $bad }개는 리디렉션으로만 열립니다. 첫 번째: { $name }. { $why }
links-state-only-here = { $total }개 중 { $checked }개 확인, { $bad }개는 여기서만 열립니다. 첫 번째: { $name }. { $why }
links-state-this-computer = 이 컴퓨터에서만 열립니다
links-state-failed = 확인하지 못했습니다: { $reason }
links-check-all = 모두 확인
links-check-stop = 확인 중지
links-replaced = 다른 사람이 열 수 없어 서명한 링크로 바꾸었습니다
links-elsewhere = 복사한 링크는 다른 곳을 가리킵니다. 객체는 다른 주소에 있습니다
links-put-right = 다른 곳을 가리키고 있어 객체가 있는 주소로 바꾸었습니다
links-region-known = 버킷이 다른 리전에 있어 그 리전의 주소로 바꾸었습니다
links-copy-right = 올바른 주소 복사
links-copy-signed = 서명한 링크 복사

dialog-share-title-prefix = { $prefix } 폴더를 공개하시겠습니까?
dialog-share-title-bucket = { $bucket } 버킷 전체를 공개하시겠습니까?
dialog-share-title-objects = { $count ->
    [1] 이 객체를 공개하시겠습니까?
   *[other] 객체 { $number }개를 공개하시겠습니까?
}
dialog-share-planning = 무엇이 바뀌는지 알아보는 중…
dialog-share-who-prefix = { $count ->
   *[other] 인터넷의 누구나 { $place }의 객체를 읽을 수 있게 됩니다. 지금 있는 객체 { $number }개와 앞으로 여기에 업로드하는 모든 것이 해당합니다.
}
dialog-share-who-prefix-more = 인터넷의 누구나 { $place }의 객체를 읽을 수 있게 됩니다. 지금 있는 객체 { $number }개 이상과 앞으로 여기에 업로드하는 모든 것이 해당합니다.
dialog-share-who-prefix-local = { $count ->
   *[other] 이 컴퓨터의 저장소에 접근할 수 있는 누구나, 곧 이 컴퓨터의 프로그램이 { $place }의 객체를 읽을 수 있게 됩니다. 지금 있는 객체 { $number }개와 앞으로 여기에 업로드하는 모든 것이 해당합니다.
}
dialog-share-who-prefix-more-local = 이 컴퓨터의 저장소에 접근할 수 있는 누구나, 곧 이 컴퓨터의 프로그램이 { $place }의 객체를 읽을 수 있게 됩니다. 지금 있는 객체 { $number }개 이상과 앞으로 여기에 업로드하는 모든 것이 해당합니다.
dialog-share-who-objects-local = { $count ->
   *[other] 이 컴퓨터의 저장소에 접근할 수 있는 누구나, 곧 이 컴퓨터의 프로그램이 { $bucket } 버킷의 객체 { $number }개를 읽을 수 있게 됩니다. 다른 객체는 그대로입니다.
}
dialog-share-who-objects = { $count ->
   *[other] 인터넷의 누구나 { $bucket } 버킷의 객체 { $number }개를 읽을 수 있게 됩니다. 다른 객체는 그대로입니다.
}
dialog-share-nothing-else = 목록 보기, 변경, 삭제는 누구에게도 허용되지 않습니다.
dialog-share-statement = { $bucket } 버킷의 정책에 다음 정책 문(statement)이 추가됩니다:
dialog-share-statement-new = { $bucket } 버킷에는 아직 정책이 없습니다. 다음 정책 문(statement)으로 정책을 만듭니다:
dialog-share-acl = 객체마다 “public-read” ACL이 설정됩니다. 버킷 정책은 바뀌지 않습니다.
dialog-share-kept = 지금 정책에 있는 내용은 그대로 남습니다. 이 변경은 되돌릴 수 있습니다.
dialog-share-already = 버킷 정책이 이미 누구나 { $place }의 객체를 읽도록 허용합니다
dialog-share-already-more = 바꿀 것이 없습니다.
dialog-share-already-blocked = 그래도 다음 이유로 열리지 않습니다:
dialog-share-blocked = 그래도 다음 이유로 열리지 않거나 변경이 거부됩니다:
dialog-share-show-after = 전체 정책 보기
dialog-share-hide-after = 전체 정책 숨기기
dialog-share-understood = 누구나 읽을 수 있게 하겠습니다
dialog-share-apply = 공개하기
dialog-share-no-way-back = 요청을 이미 보내 더는 멈출 수 없습니다. 끝난 뒤에 되돌릴 수 있습니다.
dialog-share-unsure = 변경이 적용되었는지 알 수 없습니다. { $place } 위치가 지금 공개되어 있을 수 있습니다
dialog-share-unsure-kept = 되돌릴 수 있는 변경 목록에 남겨 두었습니다. 다시 확인하거나, 안전하게 되돌리세요.
dialog-share-looking = 변경이 적용되었는지 확인하는 중…
dialog-share-undoing = 되돌리는 중…
dialog-share-look = 다시 확인
dialog-share-undo = 되돌리기
dialog-share-applying = 공개하는 중…
blocked-block = 버킷의 퍼블릭 액세스 차단이 켜져 있습니다. 공개할 버킷이라면 AWS 콘솔에서 끄세요
blocked-ownership = 버킷이 ACL을 쓰지 않습니다
blocked-policy = 버킷 정책 문 하나가 거부합니다
blocked-acl = 객체의 ACL이 공개되지 않은 채로 남습니다
blocked-encryption = KMS로 암호화한 객체는 누구에게도 공개되지 않습니다
blocked-class = 아카이브에 있는 객체는 먼저 복원해야 합니다
blocked-pays = 읽는 사람이 자신의 키로 서명하고 요금을 내야 합니다
blocked-version = 삭제된 객체는 삭제된 상태로 남습니다
notice-shared-all = { $count ->
   *[other] 버킷이 변경을 받아들였습니다: { $place }. 확인해 본 { $number }개는 누구나 열 수 있습니다
}
notice-shared-some = { $count ->
   *[other] 버킷이 변경을 받아들였습니다: { $place }. 확인해 본 { $tried }개 중 { $number }개는 누구나 열 수 있습니다
}
    { $why }
notice-share-checking = 버킷이 변경을 받아들였습니다: { $place }. 누구나 열 수 있는지 확인하는 중…
notice-share-but = 버킷이 변경을 받아들였습니다: { $place }
    { $why }
notice-share-not-checked = 버킷이 변경을 받아들였습니다: { $place }. 아직 확인해 볼 객체가 없습니다
notice-share-undone = 되돌렸습니다. 이제 그 변경을 통해서는 다른 사람이 읽을 수 없습니다
share-undo = 되돌리기

dialog-link-checked-good = 확인했습니다. 열립니다

dialog-invite-title = 여기에 업로드 받기
dialog-invite-what = 주소를 받은 사람은 키 없이 { $place }에 파일 하나를 업로드할 수 있습니다.
dialog-invite-name = 파일 이름
dialog-invite-name-hint = 보고서.pdf
dialog-invite-name-missing = 파일 이름이 필요합니다
dialog-invite-size = 정확한 크기
dialog-invite-size-hint = 제한 없음, 또는 예: 2,048바이트
dialog-invite-size-wrong = 2048처럼 바이트 수를 입력하세요
dialog-invite-type = 형식
dialog-invite-type-hint = 제한 없음, 또는 예: image/png
dialog-invite-type-wrong = image/png 같은 형식을 입력하세요
dialog-invite-life = 유효 기간
dialog-invite-often = 주소를 가진 사람은 만료될 때까지 쓸 수 있습니다.
dialog-invite-once = 만료될 때까지 한 번만 업로드할 수 있으며, 이미 있는 파일은 덮어쓰지 않습니다.
dialog-invite-overwrites = 만료될 때까지 몇 번이든 쓸 수 있으며, 업로드할 때마다 이전 파일을 덮어씁니다.
dialog-invite-sign = 주소 만들기
dialog-invite-copy-url = 주소 복사
dialog-invite-copy-curl = curl 명령 복사
dialog-invite-ready = 준비되었습니다. { $end }까지 쓸 수 있습니다
dialog-invite-headers = 업로드할 때 다음 헤더를 그대로 보내야 합니다:
dialog-invite-keys-end = 키가 선택한 기간보다 일찍 만료됩니다. { $life } 동안만 쓸 수 있습니다
notice-invite-copied = 업로드 주소를 복사했습니다. 주소를 가진 사람은 만료될 때까지 누구나 업로드할 수 있습니다
notice-curl-copied = curl 명령을 복사했습니다. FILE 자리에 파일 이름을 넣으세요

dialog-qr-title = QR 코드
dialog-qr-name = { $address }의 QR 코드
dialog-qr-too-long = 주소가 너무 길어 QR 코드로 만들 수 없습니다
dialog-qr-not-public = 공개되어 있지 않아 스캔해도 파일이 열리지 않습니다. { $why }
dialog-qr-not-checked = 아직 확인하지 않았습니다. 열리지 않을 수 있습니다
dialog-qr-signed = 만료되는 링크: 스캔한 누구나 쓸 수 있도록 { $end }까지 서명했습니다
dialog-qr-use-signed = 만료되는 링크로 바꾸기

dialog-history-title = 전달한 링크
dialog-history-links = { $count ->
   *[other] 링크 { $number }개
}
dialog-history-changes = 공개한 항목
dialog-history-empty = 복사한 링크와 확인 결과가 여기에 표시됩니다.
dialog-history-asking = 읽는 중…
dialog-history-signed-until = 만료되는 링크, { $end }까지
dialog-history-signed-over = 만료되는 링크, { $end }에 만료됨
dialog-history-invited = 업로드용
dialog-history-invited-until = 업로드 받는 주소, { $end }까지
dialog-history-invited-over = 업로드 받는 주소, { $end }에 만료됨
dialog-history-not-checked = 확인하지 않음
dialog-history-recheck = { $name } 다시 확인
dialog-history-copy = { $name } 링크 다시 복사
dialog-history-undo = 되돌리기: { $place }
dialog-history-undone = { $time }에 되돌림
dialog-history-made = { $time }에 공개함
dialog-history-change-prefix = { $place }
dialog-history-change-objects = { $count ->
   *[other] { $bucket } 버킷의 객체 { $number }개
}
dialog-history-clear = 목록 지우기…
dialog-history-clear-sure = 이 목록의 링크를 모두 지우시겠습니까? 링크 자체는 그대로 작동하며, 공개한 항목은 되돌릴 수 있도록 목록에 남습니다.
dialog-history-clear-yes = 목록 지우기
dialog-history-kept = 목록에는 서명이 없어, 만료되는 링크는 여기서 복사할 수 없습니다.

dialog-upload-public-title = { $count ->
   *[other] 파일 { $number }개를 공개로 업로드하시겠습니까?
}
dialog-upload-public-counting = 파일을 세는 중… 지금까지 { $number }개
dialog-upload-public-counting-title = 공개로 업로드하시겠습니까?
dialog-upload-public-who = { $count ->
   *[other] 인터넷의 누구나 { $bucket } 버킷의 { $place }에 있는 이 파일 { $number }개를 읽을 수 있게 됩니다.
}
dialog-upload-public-how = 버킷이 허용하는 방법으로 공개합니다. 버킷이 거부해도 파일은 비공개로 업로드되며, 그 이유를 알려 드립니다.
dialog-upload-public-button = 공개로 업로드
dialog-upload-private-button = 버킷 설정대로 업로드

settings-copy-fallback = 열리지 않을 때
settings-copy-fallback-never = 그대로 두고 알리기
settings-copy-fallback-signed-link = 서명한 링크로 바꾸기
settings-copy-fallback-note = 서명한 링크는 만료됩니다. 임시 키를 쓰면 그 키의 세션 토큰이 링크에 들어갑니다

command-check-link = 링크 다시 확인
command-qr-code = QR 코드…
command-make-public = 공개하기…
command-invite-upload = 여기에 업로드 받기…
command-link-history = 전달한 링크…
command-upload-public = 파일을 공개로 업로드…
command-paste-public = 파일을 공개로 붙여넣기…
command-keywords-check-link = 검사 진단
command-keywords-make-public = 공유 정책 퍼블릭
command-keywords-invite-upload = 요청 presigned
command-keywords-link-history = 기록 공유 되돌리기
choose-public-files-title = 공개로 업로드할 파일
