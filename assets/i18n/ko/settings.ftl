# 설정.

settings-title = 설정
settings-general = 일반
settings-transfers = 전송
settings-links = 링크
settings-files = 파일
settings-as-system = 시스템 설정
settings-language = 언어
settings-language-english = English
settings-language-korean = 한국어
settings-theme = 화면 모드
settings-theme-light = 밝게
settings-theme-dark = 어둡게
settings-units = 크기 단위
settings-units-decimal = 1 MB = 1,000,000바이트
settings-units-binary = 1 MiB = 1,048,576바이트
settings-display = 디스플레이
settings-display-auto = 자동: 가능하면 X11
settings-display-wayland-note = Wayland에서는 아직 창에 파일을 끌어다 놓을 수 없습니다. 붙여넣기나 파일 업로드를 쓰세요
settings-renderer = 렌더러
settings-renderer-auto = 자동
settings-renderer-wgpu = Vulkan, Metal 또는 DirectX
settings-next-start = 디스플레이와 렌더러는 다음 시작부터 적용됩니다

settings-on-conflict = 같은 이름이 있으면
settings-conflict-ask = 물어보기
settings-conflict-skip = 건너뛰기
settings-conflict-overwrite = 덮어쓰기
settings-conflict-rename = 둘 다 두기
settings-conflict-newer = 최신일 때만 덮어쓰기
settings-files-at-once = 동시에 전송할 파일
settings-files-automatic = 자동
settings-speed = 업로드 속도
settings-speed-none = 제한 없음
settings-speed-unreadable = 2 MB/s처럼 숫자와 단위를 적거나 비워 두세요
settings-hours-none = 따로 정하지 않음
settings-hours-unlimited = 제한 없음
settings-hours-nothing = 업로드하지 않음
settings-hours-limited = 다른 제한
settings-hours = 정한 시간에는
settings-hours-speed = 그때의 속도
settings-hours-speed-unreadable = 500 KB/s처럼 숫자와 단위를 적으세요
settings-hours-when = 시간
settings-hours-from = 시작 시각
settings-hours-to = 끝 시각
settings-hours-until = ~
settings-hours-whole-day = 하루 내내
settings-hours-over-midnight = 자정을 넘기며, 이 컴퓨터의 시계를 따릅니다
settings-resume-at-start = 끝나지 않은 업로드
settings-resume-continue = 다음에 시작할 때 이어서 진행
settings-resume-ask = 다음에 시작할 때 묻기
settings-verify = 업로드 확인
settings-verify-proof = 서버의 체크섬으로 확인
settings-verify-read-back = 모든 파일을 다시 읽어 비교
settings-keep-awake = 전송하는 동안
settings-awake-while-busy = 컴퓨터를 깨워 두기
settings-awake-never = 시스템 설정대로 잠자기
settings-system-files = 업로드하지 않을 파일
settings-system-files-note = 폴더에서 제외할 이름을 한 줄에 하나씩 적습니다. *는 모든 글자를 뜻합니다. 제외된 파일은 업로드 후 목록으로 볼 수 있습니다.

settings-link-format = 링크 복사 형식
settings-link-format-url = URL
settings-link-format-markdown = Markdown
settings-link-format-html = HTML
settings-link-format-s3 = s3:// URI
settings-copy-when-done = 묶음이 끝나면
settings-copy-links = 링크를 복사
settings-copy-nothing = 복사하지 않음
settings-presign-life = 만료되는 링크
settings-presign-note = 따로 고르지 않았을 때 만료되는 링크의 유효 기간

settings-file = 설정 파일
settings-log-folder = 로그
settings-open = 열기
settings-open-what = 열기: { $what }
settings-files-no-secrets = 이 파일들에는 비밀 키가 없습니다. 비밀 키는 시스템 키체인에만 있습니다
settings-files-unknown = 아직 알 수 없음
