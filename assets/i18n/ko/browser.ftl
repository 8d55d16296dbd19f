# 기본 창: 사이드바, 경로 막대, 객체 표, 정보 패널, 상태 표시줄, 첫 시작.
window-title = Bucketdrop
window-title-at = { $place } — Bucketdrop
starting = 시작하는 중…

first-start-title = S3로 파일 보내기
first-start-line = 버킷에 파일을 놓고, 업로드를 지켜보고, 열리는 링크를 붙여넣으세요
first-start-line-no-drop = 파일을 고르거나 붙여넣고, 업로드를 지켜보고, 열리는 링크를 붙여넣으세요
saved-connections = 저장된 연결
door-connect = S3에 연결
door-connect-detail = 액세스 키로 Amazon S3, Cloudflare R2, Backblaze B2, MinIO 등에 연결
door-aws = 이 컴퓨터의 AWS 프로필 사용…
door-aws-detail = 이것을 고르기 전에는 ~/.aws를 읽지 않습니다
door-local = 이 컴퓨터에서 써 보기
door-local-detail = 프로그램 안의 작은 S3 서비스입니다. 계정 없이 바로 쓸 수 있습니다

this-computer = 이 컴퓨터
service-this-computer = 내장 저장소
no-connection = 연결되지 않음
no-connection-detail = 연결을 고르세요
connection-card = 연결 { $name }, { $detail }, { $state }
connection-none = 연결되지 않음
connection-opening = 연결하는 중
connection-good = 연결됨
connection-not-asked = 아직 확인하지 않음
connection-refused = 거부됨: { $reason }
connection-silent = 응답 없음
connection-bad = 쓸 수 없음
connection-from-command-line = 명령줄에서 지정한 연결
connection-from-command-line-at = 명령줄에서 지정한 연결 · { $place }
connection-copy-name = { $name } 사본
aws-default-profile = 기본 프로필
anonymous = 키 없음

buckets = 버킷
bucket-public = 공개 파일
bucket-public-hint = 이 버킷의 링크가 누구에게나 열리는 것을 확인했습니다
bucket-private = 비공개
bucket-private-hint = 확인한 링크 중 누구에게나 열리는 것이 없습니다
buckets-not-listed = 이 키로는 버킷 목록을 볼 수 없습니다
list-buckets-again = 목록 다시 시도
places = 즐겨찾기
place-rename = 이름 바꾸기…
place-up = 위로
place-down = 아래로
place-remove = 제거
place-leads-to = { $place }
settings = 설정

upload = 업로드
filter-hint = 이 폴더에서 찾기
breadcrumb-more = 상위 폴더
breadcrumb-edit = 경로 입력
breadcrumb-no-bucket = 선택한 버킷 없음
path-field = 버킷과 폴더
path-wrong = 버킷 다음에 폴더를 입력하세요: bucket/folder/

table-columns = 열
table-name = { $count ->
   *[other] { $place }: 행 { $number }개
}
column-name = 이름
column-size = 크기
column-modified = 수정한 날짜
column-class = 스토리지 클래스
column-edge = { $column } 열 너비
columns-usual-widths = 기본 너비로
column-access = 공개 여부
sorted-ascending = 오름차순 정렬
sorted-descending = 내림차순 정렬
row-folder = 폴더
row-nameless = (이름 없음)

menu-signed-link = 만료되는 링크…
menu-copy-key = 키 복사
menu-add-place = 즐겨찾기에 추가…
link-format-url = URL
link-format-markdown = Markdown으로 복사
link-format-html = HTML로 복사
link-format-s3 = S3 URI 복사

choose-files-title = 업로드할 파일
choose-folder-title = 업로드할 폴더
choose-download-title = 다운로드할 폴더

loading-connection = 연결하는 중…
loading-buckets = 버킷을 불러오는 중…
loading-folder = 불러오는 중…
loading-details = 세부 정보를 불러오는 중…
try-again = 다시 시도
show-details = 세부 정보
name-a-bucket = 이름으로 버킷 열기
no-buckets = 아직 버킷이 없습니다
no-buckets-advice = 버킷은 파일을 보관하는 곳입니다
choose-bucket = { $count ->
   *[other] 버킷 { $number }개
}
empty-folder = 빈 폴더입니다
empty-folder-drop = 여기에 파일을 놓으세요
empty-folder-advice = 빈 폴더입니다. 폴더째 놓아도 됩니다
empty-folder-no-drop = Wayland에서는 여기에 파일을 끌어 놓을 수 없습니다. 파일을 고르거나, 파일 관리자에서 복사해 붙여넣으세요

note-reloading = 다시 불러오는 중입니다. 지금 보이는 행은 이전 목록입니다
note-old-rows = 지금 보이는 행은 이전 목록입니다
note-cut-rows = { $count ->
   *[other] 처음 { $number }개 행만 불러왔습니다
}
load-the-rest = 나머지 불러오기
note-outdated = 목록을 불러온 뒤 이 폴더가 바뀌었습니다
note-partial-sorted = { $count ->
   *[other] 지금까지 불러온 행 { $number }개만 정렬했습니다
}
note-partial-filtered = { $count ->
   *[other] 지금까지 불러온 행 { $number }개에서만 찾았습니다
}
note-no-match = “{ $filter }”에 맞는 이름이 없습니다
note-no-match-partial = 지금까지 불러온 행에는 “{ $filter }”에 맞는 이름이 없습니다
clear-filter = 찾기 지우기
note-loading-all = 모두 불러오는 중: 지금까지 행 { $number }개
load-all = 모두 불러오기
stop-loading = 중지

drop-items = { $count ->
   *[other] 항목 { $number }개
}
drop-files = { $count ->
   *[other] 파일 { $number }개, { $size }
}
drop-files-in-part = { $count ->
   *[other] 파일 { $number }개 이상, { $size } 이상
}
drop-folders = { $count ->
   *[other] 폴더 { $number }개
}
drop-may-not-write = 이 키로는 여기에 쓸 수 없습니다
drop-refused-before = 이곳으로 보낸 마지막 업로드가 거부되었습니다. 놓으면 그래도 시도합니다
drop-no-keys = 이 연결에는 쓰기에 쓸 키가 없습니다
drop-no-keys-tried = 누구나 업로드할 수 있는 버킷은 드뭅니다. 놓으면 그래도 시도합니다
drop-elsewhere = 끌어 온 항목이 이 컴퓨터가 아니라 웹이나 기기에 있습니다. 먼저 이 컴퓨터에 저장하거나 복사하세요
drop-withheld = 끌어 온 항목을 넘겨받을 수 없습니다. 파일이 든 폴더를 놓거나 파일을 복사해서 여기에 붙여넣으세요
drop-not-handed-over = 데스크톱 환경이 끌어 온 항목을 넘겨주지 않습니다. 항목은 창 위쪽에서 기다리고 있으니 “여기에 업로드”를 누르세요
drop-partly-elsewhere = { $count ->
   *[other] 끌어 온 항목 가운데 { $number }개는 이 컴퓨터에 없어 업로드할 수 없습니다. 나머지는 창 위쪽에서 기다리고 있으니 “여기에 업로드”를 누르세요
}
drop-here = 여기에 놓으면 업로드
drop-public = 여기에 놓으면 확인한 뒤 공개로 업로드
drop-public-place = 공개로 업로드하려면 여기에 놓기…
drop-keys = 여기에 놓으면 액세스 키를 채웁니다
drop-not-here = 지금은 여기에 놓을 수 없습니다
drop-no-connection = 먼저 연결을 고르세요
drop-no-bucket = 먼저 버킷을 여세요
drop-connection-gone = 이 즐겨찾기의 연결이 삭제되었습니다
drop-opens-first = 여기에 놓으면 { $connection } 연결을 열고 업로드
drop-dialog-open = 먼저 열린 대화상자를 마치세요

handed-over-here = { $count ->
   *[other] 항목 { $number }개가 { $place }에 업로드되기를 기다립니다
}
handed-over-nowhere = { $count ->
   *[other] 항목 { $number }개가 업로드되기를 기다립니다. 넣을 폴더를 여세요
}
handed-over-upload = 여기에 업로드
handed-over-public = 공개로 업로드…
handed-over-drop = 업로드하지 않기

inspector-nothing = 객체를 고르면 링크가 보입니다
link-not-checked = 확인하지 않음
link-signed-for = 복사한 링크는 서명되어 { $span } 동안 열립니다
link-no-address = 공개 주소 없음
link-needs-domain = 이 서비스는 S3 엔드포인트로 파일을 공개하지 않습니다. 연결에 내 도메인을 설정하거나 만료되는 링크를 복사하세요.
set-link-domain = 도메인 설정…
copy-url = URL 복사
copy-urls = { $count ->
   *[other] URL { $number }개 복사
}
copy-as = 다른 형식…
copy-s3-uri = S3 URI 복사
open-in-browser = 브라우저에서 열기
download = 다운로드…
delete = 삭제…
fact-key = 키
fact-checksum = 체크섬
fact-encryption = 암호화
fact-cache-control = 캐시 제어
fact-content-encoding = 인코딩
fact-content-disposition = 표시 방식
fact-version = 버전
selected-items = { $count ->
   *[other] { $number }개 선택됨
}
count-folders = { $count ->
   *[other] 폴더 { $number }개
}
count-objects = { $count ->
   *[other] 객체 { $number }개
}

keys-in-keychain = 키는 시스템 키체인에 보관
keys-this-run-only = 키는 이번 실행에만 보관
keys-no-keychain = 시스템 키체인 없음: 키는 이번 실행에만 보관됩니다
keys-aws-profile = AWS 키: { $profile }
keys-none = 키 없음
status-selected = 선택: { $what }
status-so-far = 지금까지 { $what }
status-plain-http = 암호화되지 않음: HTTP
status-this-computer = 이 컴퓨터에서만

notice-links-copied = { $count ->
   *[other] 링크 { $number }개를 복사했습니다
}
notice-links-copied-some = { $count ->
   *[other] 링크 { $number }개를 복사했습니다. { $missing }개는 공개 주소가 없습니다
}
notice-signed-copied = { $count ->
   *[other] 만료되는 링크 { $number }개를 복사했습니다. { $until }까지 열립니다
}
notice-keys-copied = { $count ->
   *[other] 키 { $number }개를 복사했습니다
}
notice-address-copied = 주소를 복사했습니다
notice-uploaded = { $count ->
   *[other] 파일 { $number }개를 업로드했습니다
}
notice-restored = { $count ->
   *[other] 지난번의 파일 { $number }개({ $size })를 이어서 업로드합니다
}
notice-restored-waits = { $count ->
   *[other] 지난번의 파일 { $number }개({ $size })가 아직 업로드되지 않았습니다
}
notice-restored-folders = 지난번의 폴더를 다시 읽어 이어서 업로드합니다
notice-shown-not-run = “{ $name }” 파일은 프로그램일 수 있어 열지 않고 폴더에서 보여 줍니다
notice-downloaded = { $count ->
   *[other] 파일 { $number }개를 다운로드했습니다
}
notice-nothing-to-paste = 클립보드에 파일이나 이미지가 없습니다. 먼저 복사하세요
paste-image-name = 붙여넣은 이미지 { $date } { $time }
notice-no-such-connection = “{ $name }” 연결이 없습니다
notice-local-keys-this-run = 시스템 키체인이 없어 이 컴퓨터 저장소의 키를 이번 실행용으로 새로 만들었습니다. 파일은 그대로이지만 전에 서명한 링크는 더 이상 열리지 않습니다
notice-local-keys-locked = 키체인이 잠겨 있어 이 컴퓨터 저장소는 이번 실행용 새 키를 씁니다. 키체인을 잠금 해제하고 다시 시작하면 전에 서명한 링크가 다시 열립니다
notice-secret-perhaps-left = 연결을 삭제했습니다. 지금은 키체인이 없어, 전에 쓰던 키체인에 비밀 키가 남아 있을 수 있습니다
notice-local-keys-silent = 키체인이 응답하지 않아 이 컴퓨터 저장소는 이번 실행용 새 키를 씁니다. 암호를 묻는 창이 있는지 확인한 뒤 다시 시작하면 전에 서명한 링크가 다시 열립니다
notice-local-keys-failed = 키체인을 읽거나 쓸 수 없어 이 컴퓨터 저장소는 이번 실행용 새 키를 씁니다. 키체인이 다시 작동하면 전에 서명한 링크가 다시 열립니다
notice-settings-open-to-others = 이 컴퓨터의 다른 사용자가 설정 파일({ $path })을 바꿀 수 있어, 파일이 다른 곳으로 업로드될 수 있습니다. 터미널에서 chmod 600으로 본인만 쓸 수 있게 하세요
notice-local-port-changed = 다른 프로그램이 이 컴퓨터 저장소의 포트를 쓰고 있어 새 포트를 골랐습니다. 전에 복사한 링크는 더 이상 열리지 않습니다
notice-connection-works = 연결에 성공했습니다

no-display = 화면에 연결할 수 없어 창을 띄울 수 없습니다. 명령줄로 업로드할 수 있습니다. 예:
no-display-of-option = --display로 지정한 { $missing }에 연결할 수 없지만 { $there }에는 연결할 수 있습니다. --display auto로 시작하세요. 명령줄로도 업로드할 수 있습니다. 예:
no-display-of-setting = 설정에서 지정한 { $missing }에 연결할 수 없지만 { $there }에는 연결할 수 있습니다. --display auto로 시작한 뒤 설정에서 ‘디스플레이’를 바꾸세요. 명령줄로도 업로드할 수 있습니다. 예:
no-window = 창을 열 수 없습니다: { $reason }
already-running = Bucketdrop이 이미 실행 중이며, 그 창이 이어받습니다

notice-left-out = { $count ->
   *[other] 항목 { $number }개가 제외되었습니다
}
notice-skipped = { $count ->
   *[other] 파일 { $number }개를 건너뛰었습니다. 이유는 “완료”에 있습니다
}
notice-left-out-and-skipped = 제외한 항목 { $left-out }개, 건너뛴 파일 { $skipped }개. 건너뛴 이유는 “완료”에 있습니다
notice-stays-open = 실패한 전송이 있어 Bucketdrop을 종료하지 않았습니다
notice-transfers-failed = { $count ->
   *[other] 전송 { $number }개가 실패했습니다
}
show-left-out = 제외된 항목과 이유 보기
queue-show-left-out = 제외된 항목 보기
note-partial-selected = { $count ->
   *[other] 불러온 행 { $number }개만 선택했습니다
}
note-selected-to-last = 지금까지 불러온 마지막 행까지만 선택했습니다
note-selected-missed = { $count ->
   *[other] { $selected }개를 선택했습니다. 그 뒤에 불러온 행 { $number }개는 선택되지 않았습니다
}
status-selected-so-far = 지금까지 선택: { $what }
status-http-here = HTTP · 이 컴퓨터
status-show-details = 세부 정보 보기
