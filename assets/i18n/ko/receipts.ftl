# 영수증: 묶음이 저장한 것을 파일로 남기고 나중에 버킷과 맞춰 봅니다.
command-receipts = 영수증…
command-check-receipt = 영수증 확인…
command-keywords-receipts = 증명 기록 csv json 보고서 체크섬
command-keywords-check-receipt = 검증 증명 감사

dialog-receipts-title = 영수증
dialog-receipts-what = 영수증은 한 묶음으로 저장한 객체의 목록입니다. 경로, 키, 크기, 체크섬, 버전, 링크가 들어 있으며, 보관해 두면 언제든 버킷과 맞춰 볼 수 있습니다.
dialog-receipts-none = 끝난 업로드가 없습니다
dialog-receipts-none-advice = 최근 30일 동안 끝난 업로드로 영수증을 만듭니다. 전송 목록에서 지운 것도 됩니다
dialog-receipts-amount = 파일 { $number }개, { $size }
dialog-receipts-save = 저장…
dialog-receipts-save-item = { $place } 영수증 저장
dialog-receipts-form-note = .json으로 끝나는 이름은 JSON으로, 나머지는 CSV 표로 씁니다
queue-menu-receipt = 이 묶음의 영수증 저장…
choose-receipt-title = 영수증 저장
choose-receipt-to-check-title = 확인할 영수증
notice-receipt-saved = { $count ->
    [0] 영수증이 비어 있습니다. 그 묶음이 목록에 남아 있지 않습니다
   *[other] 파일 { $number }개의 영수증을 저장했습니다
}
receipt-open = 열기
dialog-path-receipt-title = 영수증을 저장할 경로
dialog-path-receipt-save = 영수증 저장
dialog-path-receipt-replaces = 같은 이름의 파일이 있으면 덮어씁니다
dialog-path-ca-file-title = 인증 기관 파일
dialog-path-ca-file = 이 파일 사용
dialog-path-check-title = 영수증 확인
dialog-path-check = 다음

dialog-receipt-check-title = 영수증 확인
dialog-receipt-check-file = 영수증
dialog-receipt-check-through = 연결
dialog-receipt-check-through-own = 영수증에 적힌 연결
dialog-receipt-check-how = 방법
dialog-receipt-check-how-proof = 객체마다 버킷에 묻기
dialog-receipt-check-how-read-back = 객체를 모두 받아 내용 비교
dialog-receipt-check-how-note = 모두 한 번씩 다운로드하며, 대부분의 서비스는 그 요금을 받습니다
dialog-receipt-check-start = 확인
dialog-receipt-check-running = { $count ->
    [0] 확인하는 중…
   *[other] 지금까지 객체 { $number }개를 확인했습니다
}
dialog-receipt-check-stop = 중지
dialog-receipt-check-again = 다시 확인
dialog-receipt-check-all-same = { $count ->
    [0] 영수증에 객체가 없습니다
   *[other] 영수증의 객체 { $number }개가 모두 저장한 그대로 버킷에 있습니다
}
dialog-receipt-check-stopped = 확인을 중지했습니다. 나머지는 알 수 없습니다
dialog-receipt-check-same = 객체 { $number }개는 저장한 그대로입니다
dialog-receipt-check-changed = 객체 { $number }개는 내용이 바뀌었습니다
dialog-receipt-check-gone = 객체 { $number }개는 더 이상 없습니다
dialog-receipt-check-unknown = 객체 { $number }개는 확인하지 못했습니다
dialog-receipt-row-changed = 내용이 바뀜
dialog-receipt-row-gone = 없어짐
dialog-receipt-row-unknown = 알 수 없음
dialog-receipt-row-unknown-why = 알 수 없음: { $why }
dialog-receipt-more = 그 밖에 { $number }개
dialog-receipt-copy = 문제 목록 복사
failure-not-a-receipt = { $the-path }은 Bucketdrop의 영수증이 아니거나 손상되었습니다
failure-not-a-receipt-advice = Bucketdrop이 저장한 그대로의 영수증을 고르세요. 스프레드시트에서 고친 파일은 형식이 바뀌었을 수 있습니다
failure-receipt-missing = { $the-path }에 영수증이 없습니다
failure-receipt-missing-advice = 경로를 확인하세요. 영수증 파일이 옮겨졌거나 이름이 바뀌었거나 삭제되었습니다
failure-receipt-incomplete = 영수증에 { $the-key }와 비교할 체크섬이 없습니다
failure-receipt-incomplete-advice = 객체를 다시 읽지 않고 확인하세요. 그러면 크기, ETag, 버전을 비교합니다
