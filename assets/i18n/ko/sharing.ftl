# 공개하기: 무엇이 막는지, 그리고 끝난 뒤에 알리는 말.

failure-already-public = 이미 누구나 읽을 수 있습니다
failure-already-public-advice = 바뀐 것은 없습니다. 링크를 복사해서 확인하세요
failure-policy-unreadable = { $the-bucket }의 정책을 해석할 수 없습니다
failure-policy-unreadable-advice = 바뀐 것은 없습니다. 서비스 콘솔에서 정책을 고치거나, 만료되는 링크를 전달하세요
failure-policy-cannot-name = { $the-bucket }의 정책에는 * 또는 ? 문자가 든 경로를 적을 수 없습니다
failure-policy-cannot-name-advice = 바뀐 것은 없습니다. 서비스 콘솔에서 정책의 Version을 2012-10-17로 바꾸거나 폴더 이름을 바꾸세요
failure-policy-too-long = { $the-bucket }의 정책이 허용되는 길이를 넘게 됩니다
failure-policy-too-long-advice = 바뀐 것은 없습니다. 상위 폴더를 공개하거나, 서비스 콘솔에서 정책을 줄이세요
failure-policy-changed = { $the-bucket }의 정책을 그사이 다른 사람이 바꾸었습니다
failure-policy-changed-advice = 바뀐 것은 없습니다. 지금의 정책을 보고 다시 결정하세요
failure-policy-refused = 서비스가 { $the-bucket }의 새 정책을 거부했습니다
failure-policy-refused-advice = 바뀐 것은 없습니다. 어느 부분이 문제인지는 서비스가 보낸 메시지에 나와 있습니다
failure-sharing-unwritable = 공개한 항목을 이 컴퓨터에 기록할 수 없습니다
failure-sharing-unwritable-advice = 되돌릴 수 없게 되므로 공개하지 않았습니다. 디스크 공간을 확보하거나 데이터 폴더를 확인하세요
notice-sharing-still-open = 여기서 추가한 정책 문은 지웠지만, 다른 정책 문 때문에 { $bucket } 버킷의 { $prefix } 폴더를 여전히 누구나 읽을 수 있습니다
notice-sharing-older-versions = { $bucket } 버킷에서 최신 버전을 다시 비공개로 바꾸었습니다. 어느 버전을 공개했는지 기록되어 있지 않아, 이전 버전은 버전 ID로 여전히 열릴 수 있습니다
notice-sharing-damaged = 공개한 항목의 목록이 손상되어 새로 만들었습니다. 손상된 파일은 { $path }에 있습니다. 이전에 공개한 항목은 서비스 콘솔에서만 되돌릴 수 있습니다
notice-sharing-unreadable = 공개한 항목 { $count }개의 기록을 { $path }에서 읽을 수 없어 목록에 없습니다. 그 항목은 서비스 콘솔에서만 되돌릴 수 있으며, 나머지는 모두 목록에 있습니다
notice-links-damaged = 전달한 링크의 목록이 손상되어 새로 만들었습니다. 손상된 파일은 { $path }에 있습니다. 링크 자체는 그대로 작동합니다
