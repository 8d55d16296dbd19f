# 전송 서랍.
queue-title = 전송
queue-tab-active = 진행 중 { $count }
queue-tab-done = 완료 { $count }
queue-tab-failed = 실패 { $count }
queue-copy-urls = { $count ->
   *[other] URL { $number }개 복사
}
queue-collapse = 전송 숨기기
queue-resize = 전송 영역 높이
queue-expand = 전송 보기
queue-more = 전체 전송 더 보기
queue-speed-line = 최근 1분의 속도
queue-progress-of = { $name } 진행률
queue-empty-active = 진행 중인 전송이 없습니다
queue-empty-active-advice = 파일을 끌어 놓거나, 붙여넣거나, 골라서 업로드하세요
queue-empty-done = 아직 끝난 전송이 없습니다
queue-empty-done-advice = 끝난 전송이 링크와 함께 여기에 표시됩니다
queue-empty-failed = 실패한 전송이 없습니다
queue-empty-failed-advice = 실패하면 이유와 다음에 할 일이 여기에 표시됩니다
queue-state-queued = 대기 중
queue-state-checking = 확인 중
queue-state-needs-decision = 같은 이름이 있어 답을 기다리는 중
queue-state-finishing = 마무리 중
queue-state-paused = 일시 정지됨
queue-state-accepted = 저장됨, 체크섬 확인됨
queue-state-confirmed = 저장됨, 저장된 객체를 확인함
queue-state-read-back = 저장됨, 다시 읽어 비교함
queue-state-unverified = 저장됨, 확인되지 않음(서버가 확인할 근거를 주지 않음)
queue-target-opened = 열어 보기 위한 임시 사본
queue-state-downloaded = 다운로드됨, 내용 확인됨
queue-state-downloaded-unverified = 다운로드됨, 크기만 비교됨
queue-state-skipped = 제외됨: { $reason }
queue-state-cancelled = 취소됨
queue-hold-last-time = 지난번의 업로드가 기다리고 있습니다. “이어서 진행”을 누르면 계속합니다
queue-hold-held = 대기열을 멈췄습니다. 이어서 진행할 때까지 아무것도 전송하지 않습니다
queue-hold-outside-hours = 속도 제한 때문에 이 시간에는 업로드하지 않습니다
queue-hold-offline = { $connection } 연결을 기다립니다: { $reason }
queue-hold-throttled = { $connection } 연결의 서버가 속도를 줄이라고 합니다: { $reason }
queue-hold-file = “{ $key }” 파일을 다시 시도하고 있습니다: { $reason }
queue-hold-expired = { $connection } 연결에 새 키가 필요합니다: { $reason }
queue-hold-refused = { $connection } 연결이 거부되었습니다: { $reason }
queue-hold-unusable = { $connection } 연결을 사용할 수 없습니다: { $reason }
queue-hold-next-try = { $why }. { $time } 뒤에 다시 시도합니다
queue-hold-trying = { $why }. 지금 다시 시도하는 중입니다
queue-hold-try-now = 지금 시도
queue-retry = 다시 시도
queue-retry-item = { $name } 다시 시도
queue-pause-item = { $name } 일시 정지
queue-resume-item = { $name } 이어서 진행
queue-cancel-item = { $name } 취소
queue-forget-item = { $name } 목록에서 지우기
queue-copy-url = { $name } URL 복사
queue-open-url = { $name } 브라우저에서 열기
queue-open-file = { $name } 열기
queue-details = { $name } 세부 정보
queue-menu-details = 세부 정보…
queue-menu-pause = 일시 정지
queue-menu-resume = 이어서 진행
queue-menu-first = 대기 중인 전송보다 먼저 진행
queue-menu-sooner = 한 칸 위로
queue-menu-later = 한 칸 아래로
queue-menu-last = 대기 중인 전송의 맨 뒤로
queue-menu-cancel = 취소
queue-menu-forget = 목록에서 지우기
queue-menu-open-url = 브라우저에서 열기
queue-menu-open-file = 열기
queue-menu-show-folder = 폴더에서 보기
queue-then = 모두 끝나면
queue-then-nothing = 그대로 두기
queue-then-sleep = 컴퓨터 잠자기
queue-then-quit = Bucketdrop 종료
queue-then-undo = 그대로 두기로 바꾸기
queue-done-title = 모든 전송이 끝났습니다
queue-done-title-failed = 전송이 끝났지만 일부가 실패했습니다
queue-done-uploaded = { $count ->
   *[other] 파일 { $number }개 업로드됨, { $size }
}
queue-done-downloaded = { $count ->
   *[other] 파일 { $number }개 다운로드됨
}
queue-done-failed = { $count ->
   *[other] 전송 { $number }개 실패
}
queue-done-left-out = { $count ->
   *[other] 항목 { $number }개 제외됨
}
queue-done-sleeps = 창에서 취소하지 않으면 30초 뒤에 컴퓨터가 잠자기로 들어갑니다
queue-done-quits = 창에서 취소하지 않으면 30초 뒤에 Bucketdrop이 종료됩니다

skip-system-file = 숨겨진 시스템 파일
skip-excluded = 제외 패턴에 해당
skip-symbolic-link = 심볼릭 링크
skip-special-file = 파이프, 소켓 또는 장치
skip-unreadable = 읽을 수 없음
skip-unreadable-why = 읽을 수 없음: { $reason }
skip-missing = 읽기 전에 사라짐
skip-dead-link = 대상이 없는 링크
skip-empty-folder = 빈 폴더: 파일만 업로드됩니다
skip-exists = 이미 있음
skip-not-newer = 객체보다 최신이 아님
skip-name-declined = 이름을 물었을 때 제외함
skip-came-later = 확인한 뒤에 추가되어 보여 드린 파일에 없었음
skip-same-key = 다른 파일이 이미 { $key } 키를 씀
notice-upload-source-changed = 업로드를 시작한 뒤 파일이 바뀌어 처음부터 다시 업로드합니다: { $path }
notice-walk-unfinished = 업로드가 중단되었을 때 “{ $path }” 폴더를 끝까지 살펴보지 못했고 지금은 열 수 없습니다. 빠진 파일이 몇 개인지 알 수 없습니다. 제자리에 되돌려 놓고 “bucketdrop-cli resume”을 실행하세요
notice-public-rest-left-out = { $bucket } 버킷에 공개로 올릴 파일을 찾는 동안 Bucketdrop이 종료되어, 그때까지 찾지 못한 파일은 제외했습니다. 다시 올려 주세요
notice-upload-dropped = 이미 보낸 부분이 서비스에 남아 있지 않아 이 파일을 처음부터 다시 업로드합니다: { $path }
