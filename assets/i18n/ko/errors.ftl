# 실패 종류마다 제목(무엇이, 왜)과 조언(다음에 할 일)이 하나씩 있습니다.

noun-host = { $host } 서버
noun-host-unknown = 서버
noun-bucket = “{ $bucket }” 버킷
noun-bucket-unknown = 버킷
noun-key = “{ $key }” 객체
noun-key-unknown = 이 객체
noun-path = “{ $path }” 파일
noun-path-unknown = 이 파일
noun-connection = “{ $connection }” 연결
noun-connection-unknown = 이 연결

failure-access-denied = { $has-action ->
    [yes] 접근이 거부되었습니다. 이 키에는 { $the-bucket }에 대한 { $action } 권한이 없습니다
   *[no] 접근이 거부되었습니다. 이 키에는 권한이 없습니다
}
failure-access-denied-advice = { $has-requester-pays ->
    [yes] { $has-action ->
        [yes] 계정 소유자에게 { $action } 권한을 요청하거나 다른 키를 사용하세요. 요청자 지불(requester pays) 버킷이라면 연결의 “옵션 더 보기”에서 “요금을 제가 냅니다”를 켜세요
       *[no] 계정 소유자에게 권한을 요청하거나 다른 키를 사용하세요. 요청자 지불(requester pays) 버킷이라면 연결의 “옵션 더 보기”에서 “요금을 제가 냅니다”를 켜세요
    }
   *[no] { $has-action ->
        [yes] 계정 소유자에게 { $action } 권한을 요청하거나 다른 키를 사용하세요
       *[no] 계정 소유자에게 권한을 요청하거나 다른 키를 사용하세요
    }
}
failure-requester-pays = { $the-bucket }은 사용하는 쪽이 요금을 내는 버킷(requester pays)인데, 이 연결은 요금을 내겠다고 하지 않았습니다
failure-requester-pays-advice = 요청과 다운로드 요금을 내려면 연결의 “옵션 더 보기”에서 “요금을 제가 냅니다”를 켜세요
failure-unknown-access-key = { $the-host }에 없는 액세스 키입니다
failure-unknown-access-key-advice = 액세스 키 ID에 오타가 없는지, 키가 활성 상태인지 확인하거나 새 키를 만드세요
failure-wrong-secret = { $has-host ->
    [yes] 비밀 액세스 키가 액세스 키 ID와 맞지 않는다고 { $the-host }가 응답했습니다
   *[no] 비밀 액세스 키가 액세스 키 ID와 맞지 않습니다
}
failure-wrong-secret-advice = 비밀 키를 다시 붙여넣으세요. 비밀 키는 만들 때 한 번만 볼 수 있습니다
failure-expired-token = 세션 토큰이 만료되어 키를 더 쓸 수 없습니다
failure-expired-token-advice = 다시 로그인하거나 새 키와 세션 토큰을 붙여넣은 뒤 다시 시도하세요
failure-invalid-token = 세션 토큰이 이 키의 것이 아니거나 손상되었습니다
failure-invalid-token-advice = 같은 로그인에서 받은 액세스 키, 비밀 키, 세션 토큰을 모두 다시 붙여넣으세요
failure-no-credentials = { $has-profile ->
    [yes] AWS 프로필 “{ $profile }”에서 사용할 키를 찾지 못했습니다
   *[no] 사용할 키를 찾지 못했습니다
}
failure-no-credentials-advice = 키가 있는 AWS 프로필을 고르거나, 로그인하거나(예: “aws sso login”), 액세스 키를 입력하세요
failure-credentials-unreadable = { $has-path ->
    [yes] AWS의 “{ $path }” 파일을 읽을 수 없습니다
   *[no] 키가 들어 있는 AWS 파일을 읽을 수 없습니다
}
failure-credentials-unreadable-advice = ~/.aws/config와 ~/.aws/credentials의 내용과 권한을 확인하세요
failure-sso-signed-out = AWS IAM Identity Center(SSO)에 로그인되어 있지 않거나 로그인이 끝났습니다
failure-sso-signed-out-advice = 이 프로필로 “aws sso login”을 실행한 뒤 다시 시도하세요
failure-role-refused = AWS가 이 키로 프로필의 역할을 맡는 것을 허용하지 않습니다
failure-role-refused-advice = 역할 관리자에게 sts:AssumeRole 허용을 요청하거나 다른 프로필을 고르세요
failure-credential-process-off = { $has-command ->
    [yes] 이 프로필은 명령에서 키를 받는데, 허용되지 않아 실행하지 않았습니다: { $command }
   *[no] 이 프로필은 명령(credential_process)에서 키를 받는데, 허용되지 않아 실행하지 않았습니다
}
failure-credential-process-off-advice = 믿을 수 있는 명령이라면 연결에서 “프로필의 명령 실행 허용”을 켜세요
failure-credential-process-failed = { $has-command ->
    [yes] 프로필에 키를 주는 명령이 키를 주지 않았습니다: { $command }
   *[no] 프로필에 키를 주는 명령(credential_process)이 키를 주지 않았습니다
}
failure-credential-process-failed-advice = 터미널에서 그 명령을 실행해 문제를 고치거나, 자체 키가 있는 프로필을 고르세요
failure-no-such-bucket = { $the-bucket }을 찾을 수 없습니다
failure-no-such-bucket-advice = 철자를 확인하고, 버킷을 소유한 계정의 연결인지 확인하세요
failure-no-such-key = { $the-key }가 더 이상 없습니다
failure-no-such-key-advice = 누군가 삭제했거나 이름을 바꾸었습니다. 폴더를 새로 고치세요
failure-no-such-upload = 진행하던 업로드가 서버에서 사라졌습니다
failure-no-such-upload-advice = 다시 시도하면 처음부터 업로드됩니다
failure-listing-cut-short = 서버가 목록의 나머지를 보내지 않았습니다
failure-listing-cut-short-advice = 서버가 항목이 더 있다고 하면서 이어서 받을 위치를 알려 주지 않아, 보이는 것이 전부가 아닐 수 있습니다. 새로 고치고, 다시 생기면 서버 운영자에게 알리세요
failure-wrong-region = { $has-bucket ->
    [yes] { $has-region ->
        [yes] { $the-bucket }은 이 연결의 리전이 아니라 { $region } 리전에 있습니다
       *[no] { $the-bucket }은 이 연결의 리전이 아닌 다른 리전에 있습니다
    }
   *[no] { $has-region ->
        [yes] { $the-host }는 이 연결의 리전이 아니라 { $region } 리전을 요구합니다
       *[no] { $the-host }가 이 연결의 리전을 받지 않습니다
    }
}
failure-wrong-region-advice = { $has-region ->
    [yes] 연결을 편집해 { $region } 리전을 고르세요
   *[no] 연결을 편집해 버킷이 있는 리전을 고르세요
}
failure-not-s3 = { $the-host }가 응답했지만 S3가 아닙니다
failure-not-s3-advice = { $has-wants-https ->
    [yes] 서버가 https를 사용합니다. 엔드포인트를 https://로 시작하게 고치세요
   *[no] { $has-maybe-https ->
        [yes] 엔드포인트를 확인하세요. 서버가 https를 사용한다면 https://로 시작해야 하고, S3 API 주소여야 합니다
       *[no] 엔드포인트를 확인하세요. 웹 콘솔 주소가 아니라 S3 API 주소여야 합니다
    }
}
failure-endpoint-missing = { $the-connection }에도 그 프로필에도 엔드포인트가 없습니다
failure-endpoint-missing-advice = 연결에 엔드포인트를 입력하거나 프로필에 endpoint_url을 지정하세요
failure-endpoint-invalid = 환경 변수나 프로필에 있는 엔드포인트가 올바른 주소가 아닙니다
failure-endpoint-invalid-advice = AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL 또는 endpoint_url을 https://s3.example.com 같은 주소로 고치세요
failure-aws-setting-invalid = { $has-setting ->
    [yes] { $setting }에는 “{ $typed }”를 쓸 수 없습니다
   *[no] 환경 변수나 ~/.aws에 이해할 수 없는 설정이 있습니다
}
failure-aws-setting-invalid-advice = { $has-option ->
    [yes] 환경 변수나 ~/.aws/config에서 고치세요. 쓸 수 있는 값: { $option }
   *[no] 환경 변수나 ~/.aws/config에서 고치세요
}
failure-fips-unavailable = FIPS 호스트만 쓰도록 설정되어 있지만(AWS_USE_FIPS_ENDPOINT 또는 use_fips_endpoint) { $the-host }는 Amazon의 FIPS 호스트가 아닙니다
failure-fips-unavailable-advice = 엔드포인트를 지워 그 리전의 Amazon FIPS 호스트를 쓰거나, https://s3-fips.us-east-1.amazonaws.com 같은 호스트를 지정하거나, 그 설정을 끄세요
failure-endpoint-holds-bucket = 연결의 엔드포인트에 버킷 이름이 들어 있습니다
failure-endpoint-holds-bucket-advice = 연결, 프로필 또는 AWS_ENDPOINT_URL에 있는 엔드포인트에서 버킷 이름을 빼세요. 그대로 두면 파일이 잘못된 키로 저장됩니다
failure-login-page = { $the-host } 대신 웹 페이지가 응답했습니다
failure-login-page-advice = 브라우저를 열어 네트워크(호텔·카페 Wi-Fi)에 로그인한 뒤 다시 시도하세요
failure-clock-skew = { $has-minutes ->
    [yes] 이 컴퓨터의 시계가 { $minutes }분 어긋나 서버가 서명을 거부합니다
   *[no] { $has-hours ->
        [yes] 이 컴퓨터의 시계가 { $hours }시간 어긋나 서버가 서명을 거부합니다
       *[no] 이 컴퓨터의 시계가 어긋나 서버가 서명을 거부합니다
    }
}
failure-clock-skew-advice = 날짜, 시각, 시간대를 자동으로 맞춘 뒤 다시 시도하세요
failure-tls-not-trusted = { $the-host }의 인증서를 신뢰할 수 없습니다
failure-tls-not-trusted-advice = { $has-setting ->
    [yes] { $setting } 설정에 지정한 파일의 인증 기관으로는 이 인증서를 확인할 수 없습니다. 이 서버의 인증서에 서명한 인증 기관을 그 파일에 추가하거나, 환경 변수나 ~/.aws/config에서 그 설정을 빼세요
   *[no] { $has-ca-file ->
        [yes] 연결에 지정한 CA 파일 “{ $ca-file }”로는 이 인증서를 확인할 수 없습니다. 연결의 “옵션 더 보기”에서 이 서버의 인증서에 서명한 인증 기관의 파일을 선택하세요
       *[no] 직접 운영하는 서버라면 연결의 “옵션 더 보기”에 있는 “CA 파일”에서 그 인증서에 서명한 인증 기관의 파일을 선택하세요
    }
}
failure-tls-wrong-name = { $the-host }의 인증서가 다른 이름으로 발급되었습니다
failure-tls-wrong-name-advice = 엔드포인트에 오타가 없는지 확인하세요. 버킷 이름에 점이 있으면 “주소 방식”을 “경로”로 바꾸세요
failure-tls-expired = { $the-host }의 인증서가 지금은 유효하지 않습니다
failure-tls-expired-advice = 컴퓨터의 날짜를 확인하세요. 날짜가 맞다면 서버 운영자가 인증서를 갱신해야 합니다
failure-ca-file-unreadable = { $has-ca-file ->
    [yes] “{ $ca-file }” CA 파일을 읽을 수 없습니다
   *[no] 연결에 지정한 CA 파일을 읽을 수 없습니다
}
failure-ca-file-unreadable-advice = { $has-setting ->
    [yes] { $setting } 설정이 시스템의 인증 기관 대신 쓰도록 지정한 파일입니다. 파일을 원래 위치에 두거나, 환경 변수나 ~/.aws/config에서 그 설정을 고치세요
   *[no] 파일을 원래 위치에 두거나 연결의 “옵션 더 보기”에서 다른 파일을 선택하세요
}
failure-ca-file-invalid = { $has-ca-file ->
    [yes] CA 파일 “{ $ca-file }”에 읽을 수 있는 인증서가 없습니다
   *[no] 연결에 지정한 CA 파일에 읽을 수 있는 인증서가 없습니다
}
failure-ca-file-invalid-advice = { $has-setting ->
    [yes] { $setting } 설정에 지정한 파일입니다. 환경 변수나 ~/.aws/config의 그 설정에 PEM 형식의 인증 기관 인증서 파일을 지정하세요. -----BEGIN CERTIFICATE-----로 시작하는 텍스트입니다
   *[no] PEM 형식의 인증 기관 인증서를 선택하세요. -----BEGIN CERTIFICATE-----로 시작하는 텍스트입니다
}
failure-host-not-found = { $the-host }를 찾을 수 없습니다
failure-host-not-found-advice = 엔드포인트의 철자와 인터넷 연결을 확인하세요
failure-connection-refused = { $the-host }가 연결을 거부합니다
failure-connection-refused-advice = 서버가 실행 중인지, 포트가 맞는지 확인하세요
failure-offline = { $the-host }에 연결할 수 없습니다
failure-offline-advice = { $has-maybe-https ->
    [yes] 서버가 https를 사용한다면 엔드포인트를 https://로 시작하게 고치세요. 아니라면 네트워크를 확인하세요. 연결되면 전송이 저절로 이어집니다
   *[no] 네트워크를 확인하세요. 연결되면 전송이 저절로 이어집니다
}
failure-timeout = { $has-host ->
    [yes] { $the-host }가 제때 응답하지 않았습니다
   *[no] 제때 응답이 오지 않았습니다
}
failure-timeout-advice = 다시 시도하세요. 자주 생긴다면 네트워크가 느려 여러 파일을 동시에 보내기 어려운 것일 수 있습니다
failure-throttled = { $the-host }가 속도를 늦춰 달라고 합니다
failure-throttled-advice = 잠시 뒤 다시 시도하거나 동시에 전송하는 파일 수를 줄이세요
failure-server-error = { $the-host } 자체에 문제가 생겼습니다
failure-server-error-advice = 몇 분 뒤 다시 시도하세요. 서버가 알린 내용은 세부 정보에 있습니다
failure-proxy-login = 이 네트워크의 프록시가 로그인을 요구합니다
failure-proxy-login-advice = HTTPS_PROXY에 로그인 정보와 함께 프록시를 지정하거나 다른 네트워크를 사용하세요
failure-proxy-unusable = { $has-setting ->
    [yes] { $setting }에 지정된 프록시를 사용할 수 없습니다
   *[no] 이 컴퓨터에 설정된 프록시를 사용할 수 없습니다
}
failure-proxy-unusable-advice = { $has-setting ->
    [yes] 변수를 올바르게 고치세요. http, https, socks5, socks5h 프록시를 쓸 수 있습니다. { $the-host }에 프록시 없이 연결하려면 NO_PROXY에 그 이름을 지정하세요. 그런 다음 Bucketdrop을 다시 시작하세요
   *[no] 이 컴퓨터의 프록시 설정을 올바르게 고치세요. http, https, socks5, socks5h 프록시를 쓸 수 있습니다. { $the-host }에 프록시 없이 연결하려면 NO_PROXY에 그 이름을 지정하세요. 그런 다음 Bucketdrop을 다시 시작하세요
}
failure-bucket-exists = { $the-bucket }은 이미 이 계정에 있습니다
failure-bucket-exists-advice = 목록에서 열거나 다른 이름을 고르세요
failure-bucket-owned-by-other = 이미 쓰이는 이름입니다. { $the-bucket }은 다른 계정의 것입니다
failure-bucket-owned-by-other-advice = 다른 이름을 고르세요. 버킷 이름은 서비스의 모든 계정이 함께 씁니다
failure-bucket-not-empty = { $the-bucket }이 비어 있지 않습니다
failure-bucket-not-empty-advice = 이전 버전과 끝나지 않은 업로드까지 객체를 먼저 삭제하세요
failure-invalid-bucket-name = { $has-name ->
    [yes] “{ $name }” 이름은 버킷에 쓸 수 없습니다
   *[no] 버킷에 쓸 수 없는 이름입니다
}
failure-invalid-bucket-name-advice = 영문 소문자, 숫자, 하이픈으로 3~63자를 쓰세요
failure-invalid-key = { $has-key ->
    [yes] “{ $key }”라는 이름은 키로 쓸 수 없습니다
   *[no] 이 이름은 키로 쓸 수 없습니다
}
failure-invalid-key-advice = { $has-suggestion ->
    [yes] 키에 제어 문자가 없고 경로에 “.”이나 “..”가 없도록 파일 이름이나 폴더를 바꾸세요. 예를 들어 “{ $suggestion }” 같은 이름은 쓸 수 있습니다
   *[no] 다른 이름을 쓰세요. 제어 문자와 경로의 “.”, “..”는 쓸 수 없습니다
}
failure-key-out-of-reach = 키의 일부가 “.” 또는 “..”라서 어떤 브라우저로도 { $the-key }를 열 수 없습니다
failure-key-out-of-reach-advice = 다른 키로 업로드하거나, 다운로드해서 파일로 전달하세요
failure-key-too-long = { $the-key }의 이름이 너무 깁니다. S3는 1,024바이트까지 받습니다
failure-key-too-long-advice = 이름을 줄이거나 경로가 짧은 폴더에 업로드하세요. 한글 한 글자는 3바이트입니다
failure-too-large = { $the-path }이 이 서비스의 한도보다 큽니다
failure-too-large-advice = 파일을 나누거나 한도가 더 큰 서비스를 사용하세요
failure-already-exists = { $the-key }가 이미 있어서 그대로 두었습니다
failure-already-exists-advice = 다른 이름을 쓰거나, 파일을 다시 업로드하면서 “덮어쓰기”나 “둘 다 두기”를 고르세요
failure-checksum-mismatch = { $the-key }가 전송 중에 달라졌습니다. 체크섬이 맞지 않습니다
failure-checksum-mismatch-advice = 다시 시도하세요. 또 생긴다면 프록시나 메모리, 디스크가 데이터를 손상시키는 것입니다
failure-data-corrupted = { $the-key }가 두 번이나 다르게 도착했습니다. 중간에서 데이터가 손상되고 있습니다
failure-data-corrupted-advice = { $has-stands-damaged ->
    [yes] 지금 그 자리에 손상된 객체가 있습니다. 다른 네트워크를 쓰거나 프록시를 끈 뒤 다시 시도하면 올바른 파일로 바뀝니다. 다시 업로드한다면 “덮어쓰기”를 선택하세요. 계속되면 서버 자체의 문제입니다
   *[no] 다른 네트워크를 쓰거나 프록시를 끄세요. 계속되면 서버 자체의 문제입니다
}
failure-no-entity-tag = { $the-host }가 ETag 없이 응답하고, 보낸 파트가 목록에도 없습니다
failure-no-entity-tag-advice = 중간에서 헤더가 지워졌을 수 있습니다. 프록시 없이 연결하거나 서버 운영자에게 알리세요
failure-nothing-stored = { $the-host }가 { $the-key }를 저장했다고 응답했지만 아무것도 없습니다
failure-nothing-stored-advice = 서버나 그 앞의 프록시가 저장하기도 전에 응답하고 있습니다. 서버 운영자에게 알리세요
failure-parts-refused = { $the-host }가 이미 받은 { $the-key }의 파트를 인정하지 않습니다
failure-parts-refused-advice = 서버 운영자에게 알리세요. 무엇이 문제인지는 세부 정보에 있습니다
failure-body-refused = { $the-host }로 보내던 { $the-path }의 한 파트가 너무 크다는 이유로 거부되었습니다
failure-body-refused-advice = 프록시나 게이트웨이가 요청 크기를 제한하고 있습니다. 제한을 늘리거나(nginx: client_max_body_size) 거치지 않고 연결하세요
failure-object-replaced = 지금 { $the-key }에는 보낸 것이 아닌 다른 내용이 있습니다
failure-object-replaced-advice = 같은 때에 다른 사람이 썼을 수 있습니다. 객체를 확인하고, 원하는 내용이 아니면 파일을 다시 업로드하세요
failure-checksum-unsupported = { $the-host }가 CRC64NVME 체크섬을 받지 않습니다
failure-checksum-unsupported-advice = 서버를 업데이트하거나 어떤 서비스인지 알려 주세요
failure-acl-not-supported = { $the-bucket }은 액세스 제어 목록(ACL)을 받지 않습니다
failure-acl-not-supported-advice = 버킷 정책으로 폴더를 공개하거나, 만료되는 링크를 전달하세요
failure-public-access-blocked = { $the-bucket }은 퍼블릭 액세스가 차단되어 있습니다
failure-public-access-blocked-advice = 만료되는 링크를 전달하거나, 서비스 콘솔에서 버킷과 계정의 퍼블릭 액세스 차단을 해제하세요
failure-stays-private = 공개로 업로드했지만 { $the-bucket }은 여전히 외부 접근을 거부합니다
failure-stays-private-advice = 서비스가 공개 요청을 따르지 않았거나 계정에서 차단하고 있습니다. 만료되는 링크를 전달하거나 링크의 “이유”를 확인하세요
failure-acl-left-out = { $has-name ->
    [yes] “{ $name }” 액세스 제어 목록(ACL) 없이 저장했습니다. { $the-bucket }은 ACL을 받지 않습니다
   *[no] 액세스 제어 목록(ACL) 없이 저장했습니다. { $the-bucket }은 ACL을 받지 않습니다
}
failure-acl-left-out-advice = 버킷 정책으로 접근을 허용하세요
failure-archived = { $the-key }는 아카이브에 있어 바로 읽을 수 없습니다
failure-archived-advice = 서비스 콘솔에서 먼저 복원하세요. 몇 분에서 몇 시간이 걸립니다
failure-storage-full = { $the-host }의 저장 공간이 가득 찼습니다
failure-storage-full-advice = 공간을 비우거나 할당량을 늘린 뒤 다시 시도하세요
failure-unsupported = { $has-option ->
    [yes] { $option ->
        [clipboard] 여기서는 복사한 파일을 클립보드에서 읽을 수 없습니다
        [encryption] { $the-host }는 요청한 암호화를 지원하지 않습니다
        [tags] { $the-host }가 이 태그를 받아들이지 않습니다
       *[other] { $the-host }는 요청한 옵션을 지원하지 않습니다
    }
   *[no] { $has-action ->
        [yes] { $the-host }는 { $action } 기능을 제공하지 않습니다
       *[no] { $has-host ->
            [yes] { $the-host }는 이 기능을 제공하지 않습니다
           *[no] 여기서는 할 수 없는 작업입니다
        }
    }
}
failure-unsupported-advice = { $has-option ->
    [yes] { $option ->
        [clipboard] “파일 업로드”나 “폴더 업로드”로 파일을 고르세요. 이유는 세부 정보에 있습니다
        [encryption] 암호화를 요청하지 않고 다시 시도하거나, 암호화를 제공하는 서비스를 쓰세요
        [tags] 글자, 숫자, 공백과 + - = . _ : / @ 만 써서 다시 업로드하세요. 서버가 알린 내용은 세부 정보에 있습니다
       *[other] 암호화 같은 옵션 없이 다시 시도하세요. 서버가 알린 내용은 세부 정보에 있습니다
    }
   *[no] { $has-host ->
        [yes] S3 서비스마다 제공하는 기능이 다릅니다. 빠진 기능은 세부 정보에 있습니다
       *[no] 알려진 이유가 있다면 세부 정보에 있습니다
    }
}
failure-unverified = { $the-key }가 온전히 저장됐는지 확실하지 않습니다
failure-unverified-advice = 폴더를 새로 고쳐 크기를 비교하거나 다시 업로드하세요
failure-source-missing = { $has-typed ->
    [yes] { $the-path }이나 폴더를 찾을 수 없습니다
   *[no] { $the-path }이 옮겨졌거나 삭제되어 찾을 수 없습니다
}
failure-source-missing-advice = 파일을 되돌려 놓고 다시 시도하거나 목록에서 지우세요
failure-source-unreadable = { $the-path }을 읽을 수 없습니다
failure-source-unreadable-advice = 권한을 확인하고, 다른 프로그램이 쓰고 있지 않은지 확인한 뒤 다시 시도하세요
failure-source-away = { $the-path }이 있는 USB 장치나 공유 폴더에 연결되어 있지 않습니다
failure-source-away-advice = 장치를 다시 꽂거나 공유 폴더에 다시 연결하면 그 파일들은 저절로 이어집니다
failure-source-silent = { $has-share ->
    [yes] “{ $share }” 공유 폴더가 응답하지 않습니다
   *[no] { $the-path }이 있는 공유 폴더가 응답하지 않습니다
}
failure-source-silent-advice = 그 파일들은 공유 폴더가 다시 응답할 때까지 기다렸다가 저절로 이어집니다. 다른 전송은 그동안 계속됩니다
failure-source-too-slow = { $the-path }을 읽는 속도가 너무 느려 서버가 기다려 주지 않았습니다
failure-source-too-slow-advice = 공유 폴더나 디스크가 덜 바쁠 때 다시 시도하거나, 파일을 이 컴퓨터로 복사한 뒤 복사본을 업로드하세요
failure-out-of-handles = 이 컴퓨터의 메모리가 부족하거나 파일과 연결을 더 열 수 없습니다
failure-out-of-handles-advice = 잠시 동안 한 번에 더 적은 파일을 보냅니다. 다른 프로그램을 닫으면 도움이 됩니다
failure-source-changed = { $the-path }이 읽는 동안 바뀌었습니다
failure-source-changed-advice = 다른 프로그램이 쓰기를 마친 뒤 다시 시도하세요
failure-source-size-wrong = { $the-path }의 실제 크기가 시스템이 알린 크기와 달라서 아무것도 저장하지 않았습니다
failure-source-size-wrong-advice = 일반 파일로 복사한 뒤 그 파일을 업로드하세요
failure-source-not-a-file = { $has-folder ->
    [yes] { $the-path }이 있던 자리에 지금은 폴더가 있습니다
   *[no] { $the-path }은 일반 파일이나 폴더가 아닙니다
}
failure-source-not-a-file-advice = 파일과 폴더만 업로드할 수 있습니다. 링크, 파이프, 장치는 제외됩니다
failure-source-name-not-unicode = { $the-path }의 이름이 올바른 유니코드가 아닙니다
failure-source-name-not-unicode-advice = 파일 이름을 바꾼 뒤 다시 업로드하세요
failure-source-same-key = 이 업로드의 다른 파일과 키가 같아서 { $the-path }을 제외했습니다
failure-source-same-key-advice = 둘 중 하나의 이름을 바꾸거나 서로 다른 폴더에 업로드하세요
failure-target-exists = { $the-path }이 이 컴퓨터에 이미 있습니다
failure-target-exists-advice = 그 파일을 옮긴 뒤 다시 시도하거나, 다른 폴더로 다운로드하세요
failure-target-unwritable = { $the-path }을 저장할 수 없습니다
failure-target-unwritable-advice = 다른 폴더를 고르거나 이 폴더의 권한을 확인하세요
failure-target-name-unsafe = { $the-key }는 이 컴퓨터에서 안전한 파일 이름이 아닙니다
failure-target-name-unsafe-advice = 이름을 직접 정할 수 있는 다른 프로그램으로 다운로드하세요
failure-disk-full = { $has-path ->
    [yes] 디스크가 가득 차서 { $the-path }을 저장할 수 없습니다
   *[no] 디스크가 가득 찼습니다
}
failure-disk-full-advice = 공간을 비운 뒤 다시 시도하세요
failure-settings-unwritable = { $has-path ->
    [yes] 설정을 { $the-path }에 저장할 수 없습니다
   *[no] 설정을 저장할 수 없습니다
}
failure-settings-unwritable-advice = 설정 폴더의 남은 공간과 권한을 확인하세요. 그때까지 변경 사항은 이번 실행에만 적용됩니다
failure-folder-unusable = { $has-path ->
    [yes] { $the-path }을 사용할 수 없습니다
   *[no] Bucketdrop의 폴더를 사용할 수 없습니다
}
failure-folder-unusable-advice = 폴더가 있고 쓰기 권한이 있는지, 디스크가 읽기 전용이 아닌지 확인한 뒤 Bucketdrop을 다시 시작하세요
failure-parts-remain = 끝나지 않은 { $the-key } 업로드의 파트가 아직 서버에 남아 있습니다
failure-parts-remain-advice = 잠시 뒤 다시 중단하세요. 전송 중이던 파트가 처음 중단한 뒤에 도착했을 수 있습니다
failure-journal-full = 디스크가 가득 차서 업로드 목록을 저장할 수 없습니다. 새 업로드를 시작하지 않습니다
failure-journal-full-advice = 공간을 비우세요. 진행 중인 업로드는 계속되고 나머지는 저절로 이어집니다
failure-journal-unwritable = 디스크가 업로드 목록을 저장하지 못합니다. 새 업로드를 시작하지 않습니다
failure-journal-unwritable-advice = { $the-path }이 있는 디스크를 확인하세요. 저장할 수 있게 되면 업로드가 저절로 이어집니다
failure-journal-unreadable = 업로드 목록을 끝까지 읽을 수 없습니다. 잃어버린 것은 없습니다
failure-journal-unreadable-advice = { $the-path }이 있는 디스크를 확인한 뒤 업로드를 계속하거나 Bucketdrop을 다시 시작하세요. 나머지를 다시 읽습니다
failure-journal-read-only = 업로드 목록을 저장할 수 없습니다. { $the-path }이나 그 폴더가 읽기 전용입니다
failure-journal-read-only-advice = 지금 하는 업로드는 종료하면 이어지지 않습니다. 파일과 폴더에 쓰기를 허용한 뒤 Bucketdrop을 다시 시작하세요
failure-journal-damaged = 업로드 목록이 손상되어 읽을 수 있는 것만 옮겨 담았습니다
failure-journal-damaged-advice = 전송 목록을 확인하고 빠진 파일은 다시 놓으세요. 서버에 남은 파트는 “끝나지 않은 업로드”에서 볼 수 있습니다. 손상된 목록은 { $the-path }로 옮겨 두었습니다
failure-journal-mended = 디스크에서 업로드 목록의 일부가 바뀌어 바로잡았습니다. 잃어버린 것은 없습니다
failure-journal-mended-advice = 다시 나타나면 이 컴퓨터의 디스크와 메모리를 점검하세요. 발견한 그대로 { $the-path }에 보관했습니다
failure-journal-newer = 더 최신 버전의 Bucketdrop이 쓴 업로드 목록입니다
failure-journal-newer-advice = 지금 하는 업로드는 종료하면 이어지지 않습니다. Bucketdrop을 업데이트하거나 새 버전에서 이전 업로드를 마치세요. { $the-path }은 그대로 두었습니다
failure-journal-in-use = 다른 Bucketdrop이 업로드 목록을 사용하고 있습니다
failure-journal-in-use-advice = 지금 하는 업로드는 종료하면 이어지지 않습니다. 실행 중인 Bucketdrop을 사용하거나, 종료한 뒤 다시 시도하세요
failure-journal-left-beside = 다른 Bucketdrop의 업로드를 지금은 이어받을 수 없습니다. 그 목록은 그대로 보관되어 있습니다
failure-journal-left-beside-advice = { $the-path }을 읽고 쓸 수 있게 한 뒤 Bucketdrop을 다시 시작하세요. 그 업로드가 거기서부터 이어집니다
failure-settings-unreadable = { $has-line ->
    [yes] 설정을 읽을 수 없습니다. { $the-path }의 { $line }번째 줄이 올바른 TOML이 아닙니다
   *[no] { $the-path }에서 설정을 읽을 수 없습니다
}
failure-settings-unreadable-advice = 파일을 고친 뒤 다시 시작하세요. 그때까지 기본 설정을 쓰고, 저장하기 전에 원래 파일의 사본을 남깁니다
failure-settings-entries = { $the-path }의 일부 항목을 쓸 수 없습니다
failure-settings-entries-advice = 파일에서 고치거나 설정에서 다시 고를 때까지 기본값을 씁니다
failure-keychain-missing = 이 컴퓨터에 사용할 수 있는 키체인이 없습니다
failure-keychain-missing-advice = 키체인(GNOME Keyring, KWallet, KeePassXC)을 설치하거나 켜세요. 이번 실행에서만 키를 쓸 수도 있습니다
failure-keychain-locked = 키체인이 잠겨 있습니다
failure-keychain-locked-advice = { $has-deleting ->
    [yes] 잠금을 풀고 연결을 다시 삭제하세요. 비밀 키도 함께 삭제됩니다
   *[no] 잠금을 풀고 다시 시도하거나 이번 실행에서만 키를 쓰세요
}
failure-keychain-silent = 키체인이 응답하지 않습니다
failure-keychain-silent-advice = { $has-deleting ->
    [yes] 암호를 묻는 창이 떠 있는지 확인한 뒤 연결을 다시 삭제하세요
   *[no] 암호를 묻는 창이 떠 있는지 확인하거나 이번 실행에서만 키를 쓰세요
}
failure-keychain-failed = 키체인이 요청을 처리하지 못했습니다
failure-keychain-failed-advice = { $has-deleting ->
    [yes] 연결을 다시 삭제해 보세요. 키체인이 알린 내용은 세부 정보에 있습니다
   *[no] 다시 시도하거나 이번 실행에서만 키를 쓰세요. 키체인이 알린 내용은 세부 정보에 있습니다
}
failure-secret-missing = { $the-connection }의 비밀 키가 키체인에 없습니다
failure-secret-missing-advice = 연결을 편집해 비밀 키를 다시 붙여넣으세요
failure-connection-missing = { $the-connection }은 더 이상 없습니다
failure-connection-missing-advice = 다른 연결을 고르거나 새로 만드세요
failure-connection-in-use = { $the-connection }에 끝나지 않았거나 실패해서 다시 시도할 수 있는 전송이 있습니다
failure-connection-in-use-advice = 전송이 끝날 때까지 기다리거나 그 전송을 어떻게 할지 고르세요
failure-draft-invalid = { $has-field ->
    [yes] { $field ->
        [name] 연결의 이름을 고쳐야 합니다
        [endpoint] 엔드포인트를 고쳐야 합니다
        [region] 리전을 고쳐야 합니다
        [access-key-id] 액세스 키 ID를 고쳐야 합니다
        [secret] 비밀 액세스 키를 고쳐야 합니다
        [scope] 버킷 목록을 고쳐야 합니다
        [link-domain] 링크 도메인의 주소를 고쳐야 합니다
       *[other] “{ $field }” 항목을 고쳐야 합니다
    }
   *[no] 고쳐야 할 항목이 있습니다
}
failure-draft-invalid-advice = 표시된 항목을 고치세요
failure-local-storage-failed = { $has-port ->
    [yes] 이 컴퓨터의 저장소를 시작하지 못했습니다. 다른 프로그램이 포트 { $port }번을 쓰고 있습니다
   *[no] 이 컴퓨터의 저장소를 시작하지 못했습니다
}
failure-local-storage-failed-advice = { $has-port ->
    [yes] 그 프로그램을 닫거나 다른 포트를 고르세요
   *[no] 다른 프로그램이 포트나 폴더를 쓰고 있을 수 있습니다. 닫은 뒤 다시 시도하세요
}
failure-local-storage-index-missing = 이 컴퓨터의 저장소에 파일은 있지만 그 목록인 { $the-path }이 없습니다
failure-local-storage-index-missing-advice = 백업에서 { $the-path }을 되돌려 놓으세요. 빈 저장소로 새로 시작하려면 그 폴더를 통째로 옮기세요. 삭제된 것은 없습니다
failure-local-storage-index-damaged = 이 컴퓨터의 저장소에 무엇이 있는지 적은 { $the-path }이 손상되었습니다
failure-local-storage-index-damaged-advice = 디스크를 확인하고 백업에서 { $the-path }을 되돌려 놓으세요. 빈 저장소로 새로 시작하려면 그 폴더를 통째로 옮기세요. 삭제된 것은 없습니다
failure-no-file-chooser = 이 시스템에는 파일 선택 창이 없습니다
failure-no-file-chooser-advice = 파일을 창에 끌어 놓거나 붙여넣으세요. xdg-desktop-portal이나 zenity를 설치해도 됩니다
failure-hand-over-unclear = 실행 중인 Bucketdrop이 이 업로드를 맡았는지 알리지 않았습니다
failure-hand-over-unclear-advice = 그쪽 전송에 있는지, 다시 시작한 뒤에도 없는지 확인하고 없을 때만 명령을 다시 실행하세요
failure-instance-silent = 이미 실행 중인 Bucketdrop이 응답하지 않습니다
failure-instance-silent-advice = 잠시 뒤 다시 시도하세요. 멈춘 상태라면 종료해도 업로드는 보관됩니다
failure-no-program-for-file = { $the-path }을 열 프로그램이 없습니다
failure-no-program-for-file-advice = 파일 관리자에서 프로그램을 골라 여세요
failure-no-browser = 기본 브라우저가 설정되어 있지 않아 링크를 열지 못했습니다
failure-no-browser-advice = 링크를 복사해 브라우저에 붙여넣거나 시스템 설정에서 기본 브라우저를 정하세요
failure-sleep-refused = Bucketdrop이 이 컴퓨터를 절전 상태로 바꾸지 못했습니다
failure-sleep-refused-advice = 전원 설정을 확인하거나 직접 절전 상태로 바꾸세요. 업로드는 모두 끝났습니다
failure-cancelled = 취소했습니다
failure-cancelled-advice = 남은 것은 없습니다. 언제든 다시 시작할 수 있습니다
failure-internal = Bucketdrop 안에서 예상하지 못한 문제가 생겼습니다
failure-internal-advice = 다시 시도하세요. 또 생긴다면 세부 정보와 함께 알려 주세요
