# 서비스가 잘못된 쓰기를 어떻게 다루는지 작은 객체 하나로 알아봅니다.
command-diagnose-connection = 쓰기 진단…
command-keywords-diagnose-connection = 체크섬 무결성 조건 덮어쓰기

dialog-diagnose-title = 쓰기 진단
dialog-diagnose-what = 이 서비스가 저장하는 내용을 검사하는지, 덮어쓰지 말라는 요청을 지키는지 알아봅니다. Amazon S3는 둘 다 하지만 모든 서비스가 그렇지는 않습니다.
dialog-diagnose-consent = 이를 위해 약 100바이트의 객체 하나를 몇 번 쓰고(일부는 틀린 체크섬으로) 모든 버전과 함께 지웁니다:
dialog-diagnose-key = { $place }.bucketdrop-diagnosis-…
dialog-diagnose-may-notify = 이 버킷에 이벤트 규칙이나 복제가 설정되어 있으면 이 쓰기와 삭제도 거기에 전달됩니다
dialog-diagnose-start = 쓰고 지우기
dialog-diagnose-running = 작은 객체 하나를 쓰고 지우는 중…
dialog-diagnose-verifies = 체크섬과 맞지 않는 객체를 거부합니다. 업로드에 대한 응답이 저장된 내용을 증명합니다
dialog-diagnose-does-not-verify = 체크섬을 받지만 맞지 않는 객체도 저장합니다. 업로드마다 다른 증명이 필요합니다
dialog-diagnose-takes-none = Bucketdrop이 보내는 종류의 체크섬을 받지 않습니다. 업로드마다 다른 증명이 필요합니다
dialog-diagnose-honours = 덮어쓰지 말라는 요청을 지킵니다. 두 프로그램이 동시에 업로드해도 묻지 않고 덮어쓰는 일이 없습니다
dialog-diagnose-ignores = 덮어쓰지 말라는 요청을 지키지 않습니다. 업로드 전에 이름을 확인하지만, 두 프로그램이 동시에 업로드하면 서로 덮어쓸 수 있습니다
dialog-diagnose-removed = 작은 객체를 다시 지웠습니다
dialog-diagnose-left = 작은 객체를 지우지 못했습니다. 직접 삭제하세요: { $key }
dialog-diagnose-copy-key = 키 복사
dialog-diagnose-remembered = 30일 동안 기억하며, 지금부터 업로드에 반영합니다
diagnose-more = 쓰기 진단…
