# 어디서나 쓰는 말: 명령, 시간, 크기, 알림.
app-name = Bucketdrop

command-upload-files = 파일 업로드…
command-upload-folder = 폴더 업로드…
command-paste-files = 파일이나 이미지 붙여넣기
command-download = 다운로드…
command-open = 열기
command-delete = 삭제…
command-new-folder = 새 폴더…
command-select-all = 모두 선택
command-copy-url = URL 복사
command-copy-markdown = Markdown으로 복사
command-copy-html = HTML로 복사
command-copy-s3-uri = S3 URI 복사
command-copy-signed-link = 만료되는 링크 복사…
command-copy-uploaded-urls = 완료된 업로드의 URL 복사
command-back = 뒤로
command-forward = 앞으로
command-up = 상위 폴더
command-reload = 새로 고침
command-filter = 이 폴더에서 찾기
command-stop-loading = 불러오기 중지
command-edit-path = 경로로 이동…
command-add-place = 즐겨찾기에 추가…
command-new-connection = 새 연결…
command-edit-connection = 연결 편집…
command-test-connection = 연결 테스트
command-duplicate-connection = 연결 복제
command-delete-connection = 연결 삭제…
command-use-aws-profile = 이 컴퓨터의 AWS 프로필 사용…
command-try-this-computer = 이 컴퓨터에서 써 보기
command-new-bucket = 새 버킷…
command-delete-bucket = 버킷 삭제…
command-pause-all = 모두 일시 정지
command-resume-all = 모두 이어서 진행
command-hold-queue = 대기열 멈춤
command-go-on = 이어서 진행
command-cancel-all = 모두 취소…
command-retry-failed = 실패한 항목 다시 시도
command-clear-finished = 끝난 항목 지우기
command-remove-failed = 실패한 항목 지우기…
command-when-done-nothing = 모두 끝나면: 그대로 두기
command-when-done-sleep = 모두 끝나면: 컴퓨터 잠자기
command-when-done-quit = 모두 끝나면: Bucketdrop 종료
command-toggle-transfers = 전송 보이기/숨기기
command-toggle-inspector = 정보 보이기/숨기기
command-usual-widths = 열 너비를 기본으로
command-palette = 모든 명령…
command-settings = 설정…
command-switch-theme = 밝게/어둡게 전환
command-switch-language = Switch to English
command-show-messages = 알림
command-about = Bucketdrop 정보
command-quit = 종료

command-keywords-switch-language = 언어 영어 한국어
command-keywords-switch-theme = 테마 화면 모드 다크 라이트
command-keywords-settings = 환경설정 옵션
command-keywords-delete = 제거 지우기
command-keywords-reload = 새로고침
command-keywords-add-place = 북마크
command-keywords-copy-signed-link = 서명 임시 공유
command-keywords-show-messages = 메시지 기록
command-keywords-about = 버전 라이선스
command-keywords-hold-queue = 일시 정지 중지 오프라인
command-keywords-when-done = 절전 잠자기 끄기 완료 후
command-keywords-quit = 나가기 닫기

command-group-objects = 객체
command-group-links = 링크
command-group-go = 이동
command-group-connection = 연결
command-group-transfers = 전송
command-group-window = 창

palette-title = 명령
palette-hint = 명령을 입력하세요
palette-empty = 맞는 명령이 없습니다
palette-help = 화살표로 고르고 Enter로 실행, Esc로 닫기
about-title = Bucketdrop 정보
about-what = 파일을 S3에 업로드하고 링크를 전달하는 프로그램
about-version = 버전 { $version }
about-licence = MIT 또는 Apache-2.0
about-fonts = 글꼴: Pretendard (SIL OFL 1.1) · 아이콘: Phosphor (MIT) · 고정폭: Hack (MIT)
about-copy = 버전 정보 복사
about-close = 닫기

toast-close = 알림 닫기
toast-repeated = { $count ->
   *[other] { $number }번
}
toast-now = 방금
toast-minutes-ago = { $count ->
   *[other] { $number }분 전
}
toast-hours-ago = { $count ->
   *[other] { $number }시간 전
}
toast-show-details = 세부 정보 보기
toast-hide-details = 세부 정보 숨기기
toast-copy-details = 세부 정보 복사
toast-history = 알림
toast-history-empty = 아직 알림이 없습니다
toast-close-history = 알림 목록 닫기
notice-details-copied = 세부 정보를 복사했습니다
notice-no-public-address = 이 객체에는 공개 주소가 없습니다. 만료되는 링크를 복사하거나 연결에 도메인을 설정하세요

remaining-moment = 곧 끝남
remaining-secs = { $secs }초 남음
remaining-mins = { $mins }분 남음
remaining-hours = { $hours }시간 { $mins }분 남음
remaining-days = { $days }일 남음
span-secs = { $secs }초
span-mins = { $mins }분
span-hours = { $hours }시간
span-hours-mins = { $hours }시간 { $mins }분
span-days = { $count ->
   *[other] { $number }일
}
