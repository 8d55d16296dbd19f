# 대화상자.

dialog-cancel = 취소
dialog-close = 닫기
dialog-details = 세부 정보
dialog-unknown = 알 수 없음

dialog-conflict-title = “{ $name }” 항목이 이미 있습니다
dialog-conflict-existing = 지금 있는 항목
dialog-conflict-new = 새 항목
dialog-conflict-is-newer = 더 최신
dialog-conflict-rest = 이 묶음에서 이름이 겹치는 나머지 항목에도 똑같이 적용
dialog-conflict-skip = 건너뛰기
dialog-conflict-keep-both = 둘 다 두기
dialog-conflict-keep-both-hint = 새 항목에 번호를 붙입니다: “이름 (2).ext”
dialog-conflict-newer = 최신일 때만
dialog-conflict-newer-hint = 새 항목이 나중에 바뀐 경우에만 덮어씁니다
dialog-conflict-overwrite = 덮어쓰기

dialog-names-title = 키로 쓸 수 없는 파일 이름 { $number }개
dialog-names-intro = 파일마다 다른 키를 정하거나 그 파일을 제외하세요. 파일 자체의 이름은 바뀌지 않으며, 나머지 파일은 계속 업로드됩니다.
dialog-names-key = { $path }의 키
dialog-names-key-short = 키
dialog-names-skip-one = { $path } 제외
dialog-names-skip = 이 파일 제외
dialog-names-skip-all = 모두 제외
dialog-names-upload = 파일 { $number }개 업로드
dialog-key-problem-empty = 키가 비어 있습니다
dialog-key-problem-too-long = 키가 { $bytes }바이트입니다. S3는 { $limit }바이트까지 받습니다
dialog-key-problem-not-unicode = 이름이 올바른 유니코드가 아니어서 그대로는 키로 쓸 수 없습니다
dialog-key-problem-control-character = 이름에 제어 문자가 있어 목록과 링크에 담을 수 없습니다
dialog-key-problem-dot-segment = “.”이나 “..”은 경로에 쓸 수 없습니다. 이런 링크는 브라우저가 열지 못합니다
dialog-key-problem-taken = 이 업로드의 다른 파일과 이름이 같습니다

dialog-skipped-title = { $count ->
    [0] 제외된 항목이 없습니다
   *[other] 항목 { $number }개가 제외되었습니다
}
dialog-skipped-nothing = 최근 업로드의 모든 파일이 포함되었습니다.
dialog-skipped-more = 그 밖에 { $number }개
dialog-skipped-copy = 목록 복사

dialog-delete-counting-title = 삭제할 항목을 세는 중…
dialog-delete-title = { $count ->
    [0] 삭제할 항목이 없습니다
   *[other] 객체 { $number }개를 삭제하시겠습니까?
}
dialog-delete-title-folder = { $count ->
   *[other] “{ $name }” 폴더와 객체 { $number }개를 삭제하시겠습니까?
}
dialog-delete-title-object = “{ $name }” 객체를 삭제하시겠습니까?
dialog-delete-running-title = 삭제하는 중…
dialog-delete-ended-title = 일부가 삭제되지 않았습니다
dialog-delete-counting = { $place }: 지금까지 객체 { $number }개, { $size }
dialog-delete-amount = { $place }: 객체 { $number }개, 모두 { $size }
dialog-delete-more = 그 밖에 { $number }개
dialog-delete-for-good = 버킷이 버전을 보관하지 않는 한 되돌릴 수 없습니다
dialog-delete-type-name = 확인을 위해 버킷 이름을 입력하세요: { $bucket }
dialog-delete-button = { $count ->
    [0] 삭제
   *[other] 객체 { $number }개 삭제
}
dialog-delete-progress = { $all }개 중 { $done }개 삭제됨
dialog-delete-stop = 중지
dialog-delete-deleted = { $count ->
    [0] 삭제된 객체가 없습니다
   *[other] 객체 { $number }개를 삭제했습니다
}
dialog-delete-came-title = 그사이 추가된 객체는 남겨 두었습니다
dialog-delete-came = 센 뒤에 추가된 객체 { $number }개는 남겨 두었습니다
dialog-delete-stayed = 객체 { $number }개가 남아 있습니다:

dialog-bucket-title = 새 버킷
dialog-bucket-name = 이름
dialog-bucket-name-hint = my-bucket
dialog-bucket-rules = 3~63자의 영문 소문자, 숫자, 하이픈. 대부분의 서비스에서는 다른 계정의 버킷과도 이름이 같을 수 없습니다.
dialog-bucket-region = 리전
dialog-bucket-create = 버킷 만들기
dialog-bucket-creating = 만드는 중…
dialog-bucket-name-empty = 이름을 입력하세요
dialog-bucket-name-length = 버킷 이름은 3~63자여야 합니다
dialog-bucket-name-character = “{ $character }” 문자는 쓸 수 없습니다. a–z, 0–9, 점, 하이픈만 쓸 수 있습니다
dialog-bucket-name-space = 공백은 쓸 수 없습니다. a–z, 0–9, 점, 하이픈만 쓸 수 있습니다
dialog-bucket-name-ends = 영문자나 숫자로 시작하고 끝나야 합니다
dialog-bucket-name-dots = 점을 잇달아 쓰거나 하이픈 옆에 쓸 수 없습니다
dialog-bucket-name-ip-address = IP 주소처럼 보이는 이름은 쓸 수 없습니다
dialog-bucket-name-reserved = 이렇게 시작하거나 끝나는 이름은 Amazon이 예약해 두었습니다

dialog-bucket-delete-title = “{ $bucket }” 버킷을 삭제하시겠습니까?
dialog-bucket-delete-body = 빈 버킷만 삭제할 수 있습니다. 삭제한 이름은 다른 사람이 쓸 수 있게 됩니다.
dialog-bucket-delete-button = 버킷 삭제

dialog-folder-title = 새 폴더
dialog-folder-in = 위치: { $place }
dialog-folder-name = 폴더 이름
dialog-folder-nested = 폴더 { $number }개를 겹쳐서 만듭니다: { $place }
dialog-folder-create = 폴더 만들기

dialog-connection-delete-title = “{ $name }” 연결을 삭제하시겠습니까?
dialog-connection-delete-keychain = 시스템 키체인에 있는 비밀 키도 함께 삭제됩니다.
dialog-connection-delete-this-run = 이번 실행 동안만 보관한 비밀 키도 함께 삭제됩니다.
dialog-connection-delete-profile = ~/.aws의 프로필은 그대로 남습니다.
dialog-connection-delete-anonymous = 이 연결에는 비밀 키가 없습니다.
dialog-connection-delete-objects-stay = 버킷과 객체는 그대로 남습니다.
dialog-connection-delete-transfers = 이 전송은 연결과 함께 취소되고 목록에서 지워집니다.
dialog-connection-delete-running = 전송을 취소하고 서버에 남은 부분을 지우는 중…
dialog-connection-delete-button-with = 연결 삭제 및 전송 { $number }개 취소
dialog-connection-delete-button = 연결 삭제

dialog-place-add-title = 즐겨찾기에 추가
dialog-place-rename-title = 즐겨찾기 이름 바꾸기
dialog-place-name = 즐겨찾기 이름
dialog-place-add = 추가
dialog-place-rename = 이름 바꾸기

dialog-link-title = { $count ->
    [1] 만료되는 링크
   *[other] 만료되는 링크 { $number }개
}
dialog-link-life = 유효 기간
dialog-expiry-15-minutes = 15분
dialog-expiry-1-hour = 1시간
dialog-expiry-12-hours = 12시간
dialog-expiry-1-day = 1일
dialog-expiry-7-days = 7일
dialog-expiry-custom = 직접 입력…
dialog-link-minutes = 분
dialog-link-limit = 최대 7일(10,080분)
dialog-link-anyone = 링크를 가진 사람은 만료될 때까지 로그인 없이 다운로드할 수 있습니다. 한번 전달한 링크는 취소할 수 없습니다.
dialog-link-signing = 서명하는 중…
dialog-link-copy = { $count ->
    [1] 링크 복사
   *[other] 링크 { $number }개 복사
}
dialog-link-keys-end = 키가 더 일찍 만료됩니다. 링크는 선택한 { $asked }이 아니라 { $life } 동안만 쓸 수 있습니다
dialog-link-keys-unknown = 임시 키이며 언제 만료되는지 알 수 없습니다. 링크는 키와 함께 만료되므로 훨씬 일찍 열리지 않게 될 수 있습니다
dialog-link-works-until = 복사했습니다. { $end }까지 쓸 수 있습니다

dialog-quit-title = 전송 중입니다. 종료하시겠습니까?
dialog-quit-active = 아직 끝나지 않은 전송이 { $number }개 있습니다.
dialog-quit-remaining = { $time }
dialog-quit-kept = 업로드는 보관되며 다음에 시작할 때 이어서 진행합니다. 끝나지 않은 다운로드는 다시 요청하면 처음부터 받습니다.
dialog-quit-kept-asks = 업로드는 보관되며 다음에 시작할 때 이어서 진행할지 묻습니다. 끝나지 않은 다운로드는 다시 요청하면 처음부터 받습니다.
dialog-quit-not-saved = { $reason }. 그 뒤에 추가한 업로드는 다음에 시작할 때 남아 있지 않을 수 있습니다
dialog-quit-not-kept = { $reason }. 끝나지 않은 업로드는 다음에 시작할 때 이어지지 않습니다
dialog-quit-all-done = 이제 모두 끝났습니다.
dialog-quit-stay = 열어 두기
dialog-quit-leave = 종료

dialog-path-upload-title = 경로로 업로드
dialog-path-download-title = 폴더로 다운로드
dialog-path-why = 이 시스템에는 파일 선택 창이 없어 경로를 직접 입력해야 합니다.
dialog-path-label = 경로
dialog-path-not-whole = 루트나 ~/부터 시작하는 전체 경로를 입력하세요
dialog-path-goes-to = 업로드할 위치: { $place }
dialog-path-upload = 업로드
dialog-path-download = 다운로드

dialog-error-title = 오류 정보
dialog-error-raw = 서버 또는 시스템의 원래 메시지
dialog-error-copy = 세부 정보 복사

notice-dialog-text-copied = 클립보드에 복사했습니다
notice-dialog-policy-copied = IAM 정책을 복사했습니다. IAM 콘솔에 붙여넣으세요
notice-dialog-objects-deleted = 객체 { $number }개를 삭제했습니다
notice-dialog-bucket-created = “{ $bucket }” 버킷을 만들었습니다
notice-dialog-bucket-deleted = “{ $bucket }” 버킷을 삭제했습니다

dialog-sleep-title = 모든 전송이 끝났습니다
dialog-sleep-in = { $count ->
   *[other] { $number }초 뒤에 컴퓨터가 잠자기로 들어갑니다
}
dialog-sleep-why = 전송에서 그렇게 하도록 고르셨습니다
dialog-sleep-stay = 깨워 두기
dialog-sleep-quits-in = { $count ->
   *[other] { $number }초 뒤에 Bucketdrop이 종료됩니다
}
dialog-sleep-stay-open = 계속 열어 두기

dialog-cancel-all-title = { $count ->
    [0] 취소할 전송이 없습니다
   *[other] 전송 { $number }개를 취소하시겠습니까?
}
dialog-cancel-all-amount = 아직 끝나지 않은 전송이 { $number }개, 모두 { $size } 있습니다
dialog-transfers-growing = 아직 찾고 있는 파일도 여기에 포함됩니다.
dialog-cancel-all-rest = 끝난 전송은 그대로 남습니다. 취소한 전송은 처음부터 다시 시도할 수 있습니다.
dialog-cancel-all-stay = 계속 전송
dialog-cancel-all-button = { $count ->
    [0] 전송 취소
   *[other] 전송 { $number }개 취소
}
dialog-cancel-one-title = “{ $name }” 전송을 취소하시겠습니까?
dialog-cancel-one-rest = 나중에 처음부터 다시 시도할 수 있습니다.
dialog-cancel-one-button = 이 전송 취소
dialog-remove-failed-title = { $count ->
    [0] 지울 전송이 없습니다
   *[other] 실패한 전송 { $number }개를 목록에서 지우시겠습니까?
}
dialog-remove-failed-amount = 실패한 전송이 { $number }개, 모두 { $size } 있습니다
dialog-remove-failed-rest = 목록에서 지우면 다시 시도할 수 없습니다. 이 컴퓨터의 파일과 끝난 객체는 그대로 남습니다.
dialog-remove-failed-stay = 목록에 두기
dialog-remove-failed-button = { $count ->
    [0] 지우기
   *[other] 전송 { $number }개 지우기
}
dialog-remove-failed-one-title = “{ $name }” 전송을 목록에서 지우시겠습니까?
dialog-remove-failed-one-rest = 목록에서 지우면 다시 시도할 수 없습니다. 이 컴퓨터의 파일은 그대로 남습니다.
dialog-remove-failed-one-button = 이 전송 지우기
dialog-transfers-lost = 전체 { $size } 중 이미 전송한 { $moved } 분량이 사라집니다
dialog-transfers-counting = 사라질 항목을 세는 중…
dialog-transfers-nothing-left = 그사이 전송이 끝나 남은 것이 없습니다.
