# 버킷에 끝나지 않은 채 남은 멀티파트 업로드.
command-unfinished-uploads = 끝나지 않은 업로드…
command-keywords-unfinished-uploads = 멀티파트 미완료 중단 파트 비용 찌꺼기

dialog-unfinished-title = { $bucket } 버킷의 끝나지 않은 업로드
dialog-unfinished-what = 시작했지만 끝나지 않은 업로드의 파트입니다. 목록에는 보이지 않지만 누군가 중단할 때까지 보관되며, 대부분의 서비스에서 요금이 나갑니다.
dialog-unfinished-loading = 끝나지 않은 업로드를 불러오는 중…
dialog-unfinished-none = 끝나지 않은 업로드가 없습니다
dialog-unfinished-none-advice = 이 버킷의 업로드는 모두 끝났거나 중단되었습니다
dialog-unfinished-total = 업로드 { $number }개, { $size }
dialog-unfinished-total-at-least = 업로드 { $number }개, 적어도 { $size }
dialog-unfinished-cost = 한 달에 대략 { $usd }
dialog-unfinished-cost-tiny = 한 달에 { $usd } 미만
dialog-unfinished-row-cost = 월 약 { $usd }
dialog-unfinished-row-cost-tiny = 월 { $usd } 미만
dialog-unfinished-cost-note = 대략의 금액입니다. { $service } 표준 클래스의 정가로 계산했으며, 리전과 계약에 따라 다릅니다.
dialog-unfinished-cost-unknown = 보관 비용은 서비스마다 다릅니다
dialog-unfinished-cost-disk = 이 컴퓨터의 디스크를 이만큼 차지합니다
dialog-unfinished-rule-all = 이 버킷의 수명 주기 규칙이 시작한 지 { $number }일이 지난 끝나지 않은 업로드를 자동으로 중단합니다.
dialog-unfinished-rule-prefix = 이 버킷의 수명 주기 규칙이 접두사 “{ $prefix }” 아래에서 시작한 지 { $number }일이 지난 끝나지 않은 업로드를 자동으로 중단합니다.
dialog-unfinished-rule-more = 이런 규칙이 { $number }개 더 있습니다.
dialog-unfinished-rule-none = 이 버킷에는 끝나지 않은 업로드를 자동으로 중단하는 수명 주기 규칙이 없습니다.
dialog-unfinished-rule-unread = 끝나지 않은 업로드를 자동으로 중단하는 수명 주기 규칙이 이 버킷에 있는지 이 키로는 읽을 수 없습니다.
dialog-unfinished-rule-not-offered = 이 서비스는 끝나지 않은 업로드를 중단하는 수명 주기 규칙을 알려 주지 않습니다.
dialog-unfinished-owner-queue = 전송 목록에 있음
dialog-unfinished-owner-left = Bucketdrop이 남긴 것
dialog-unfinished-owner-other = 다른 곳에서 시작함
dialog-unfinished-owner-queue-hint = 이 Bucketdrop의 전송이 이어서 진행합니다. 중단하면 그 전송이 취소됩니다
dialog-unfinished-owner-left-hint = 이 Bucketdrop이 시작했고 더는 필요하지 않습니다
dialog-unfinished-owner-other-hint = 다른 프로그램이나 다른 컴퓨터의 Bucketdrop이 시작했습니다. 아직 진행 중일 수 있습니다
dialog-unfinished-started = { $time }에 시작
dialog-unfinished-started-ago = { $time }에 시작, { $age } 전
dialog-unfinished-begun-ago = { $age } 전
dialog-unfinished-started-unknown = 시작 시각 알 수 없음
dialog-unfinished-parts = { $count ->
    [0] 파트 없음
   *[other] 파트 { $number }개
}
dialog-unfinished-parts-unknown = 파트 수 알 수 없음
dialog-unfinished-size-unknown = 크기 알 수 없음
dialog-unfinished-resume = 이어서 진행
dialog-unfinished-resume-item = { $key } 이어서 진행
dialog-unfinished-abort = 중단…
dialog-unfinished-abort-item = { $key } 업로드 중단
dialog-unfinished-reload = 다시 불러오기
dialog-unfinished-freed = 업로드 { $number }개를 중단하여 { $size }를 비웠습니다
dialog-unfinished-freed-uncounted = 업로드 { $number }개를 중단했습니다. 이 키로는 얼마나 비웠는지 알 수 없습니다
notice-unfinished-goes-on = 업로드를 전송 목록에서 이어서 진행합니다

dialog-abort-title = 이 업로드를 중단하시겠습니까?
dialog-abort-frees = 파트 { $number }개, { $size }를 비웁니다. 이 파일에서 업로드된 부분이 영구히 삭제됩니다. 파일 자체와 완성된 객체는 그대로 남습니다.
dialog-abort-frees-nothing = 아직 파트가 없습니다. 완성된 객체는 그대로 남습니다.
dialog-abort-frees-unknown = 이 키로는 파트를 볼 수 없어 크기를 알 수 없습니다. 이 파일에서 업로드된 부분이 영구히 삭제됩니다. 완성된 객체는 그대로 남습니다.
dialog-abort-other = 다른 프로그램이 아직 보내고 있다면 그 업로드는 실패합니다
dialog-abort-transfer = 아직 Bucketdrop이 끝내지 않은 업로드이므로 그 전송이 취소됩니다
dialog-abort-button = 중단하고 { $size } 비우기
dialog-abort-button-plain = 업로드 중단
dialog-abort-running = 중단한 뒤 남은 파트를 세는 중…
