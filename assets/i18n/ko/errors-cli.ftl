# 창에만 있는 것을 말하는 조언을 명령줄에서 대신하는 문장입니다.

# 실패한 것을 끝내는 방법입니다. 남겨 둔 것은 멈춘 곳에서 이어집니다.
# 이 명령도 “resume”도 다시 하지 않는 것은 새로 업로드합니다.
again-cli = { $has-kept ->
    [yes] “bucketdrop-cli resume”을 실행하세요
    [anew] 다시 업로드하세요
   *[no] 명령을 다시 실행하세요
}
upload-anew-cli = --on-conflict overwrite를 붙여 그 파일을 다시 업로드하세요

failure-access-denied-advice-cli = { $has-requester-pays ->
    [yes] { $has-action ->
        [yes] 계정 소유자에게 { $action } 권한을 요청하거나 다른 키를 사용하세요. 요청자 지불(requester pays) 버킷이라면 --requester-pays를 붙이거나, 저장된 연결에 payer = "requester"를 지정하세요
       *[no] 계정 소유자에게 권한을 요청하거나 다른 키를 사용하세요. 요청자 지불(requester pays) 버킷이라면 --requester-pays를 붙이거나, 저장된 연결에 payer = "requester"를 지정하세요
    }
   *[no] { $has-action ->
        [yes] 계정 소유자에게 { $action } 권한을 요청하거나 다른 키를 사용하세요
       *[no] 계정 소유자에게 권한을 요청하거나 다른 키를 사용하세요
    }
}
failure-credential-process-off-advice-cli = 믿을 수 있는 명령이라면 --credential-process를 붙이거나, 저장된 연결에 credential_process = "allowed"를 지정하세요
failure-requester-pays-advice-cli = 요청과 다운로드 요금을 내려면 --requester-pays를 붙이거나, 저장된 연결에 payer = "requester"를 지정하세요
failure-wrong-secret-advice-cli = 환경 변수나 프로필, 저장된 연결에서 비밀 키를 다시 지정하세요. 비밀 키는 만들 때 한 번만 볼 수 있습니다
failure-expired-token-advice-cli = 다시 로그인하거나 새 키와 세션 토큰을 지정한 뒤 { again-cli }
failure-invalid-token-advice-cli = 같은 로그인에서 받은 액세스 키, 비밀 키, 세션 토큰을 모두 다시 지정하세요
failure-no-credentials-advice-cli = --profile로 키가 있는 프로필을 지정하거나, 로그인하거나(예: “aws sso login”), AWS_ACCESS_KEY_ID와 AWS_SECRET_ACCESS_KEY를 설정하세요
failure-no-such-key-advice-cli = “bucketdrop-cli list”로 철자를 확인하세요. 누군가 삭제했거나 이름을 바꾸었을 수 있습니다
failure-no-such-upload-advice-cli = { again-cli }. 파일을 처음부터 업로드합니다
failure-wrong-region-advice-cli = { $has-region ->
    [yes] --region이나 프로필, 저장된 연결에서 { $region } 리전을 지정하세요
   *[no] --region이나 프로필, 저장된 연결에서 버킷이 있는 리전을 지정하세요
}
failure-listing-cut-short-advice-cli = 서버가 항목이 더 있다고 하면서 이어서 받을 위치를 알려 주지 않아, 받은 것이 전부가 아닐 수 있습니다. 서버 운영자에게 알리세요
failure-endpoint-missing-advice-cli = 프로필에 endpoint_url을 지정하거나 저장된 연결에 엔드포인트를 지정하세요
failure-offline-advice-cli = { $has-maybe-https ->
    [yes] 서버가 https를 사용한다면 엔드포인트를 https://로 시작하게 고치세요. 아니라면 네트워크를 확인한 뒤 { again-cli }
   *[no] 네트워크를 확인한 뒤 { again-cli }
}
failure-timeout-advice-cli = { again-cli }. 자주 생긴다면 네트워크가 느린 것일 수 있으니 동시에 보내는 파일 수(--jobs)를 줄이세요
failure-throttled-advice-cli = 잠시 뒤 동시에 보내는 파일 수(--jobs)를 줄여 { again-cli }
failure-server-error-advice-cli = 몇 분 뒤 { again-cli }. -v를 붙이면 서버가 알린 내용이 보입니다
failure-tls-not-trusted-advice-cli = { $has-setting ->
    [yes] { $setting } 설정에 지정한 파일의 인증 기관으로는 이 인증서를 확인할 수 없습니다. 이 서버의 인증서에 서명한 인증 기관을 그 파일에 추가하거나, 환경 변수나 ~/.aws/config에서 그 설정을 빼세요
   *[no] { $has-ca-file ->
        [yes] CA 파일 “{ $ca-file }”로는 이 인증서를 확인할 수 없습니다. 이 서버의 인증서에 서명한 인증 기관의 파일을 저장된 연결의 ca_file이나 SSL_CERT_FILE에 지정하세요
       *[no] 직접 운영하는 서버라면 그 인증서에 서명한 인증 기관의 파일을 저장된 연결의 ca_file이나 SSL_CERT_FILE에 지정하세요
    }
}
failure-ca-file-unreadable-advice-cli = { $has-setting ->
    [yes] { $setting } 설정이 시스템의 인증 기관 대신 쓰도록 지정한 파일입니다. 파일을 원래 위치에 두거나, 환경 변수나 ~/.aws/config에서 그 설정을 고치세요
   *[no] 파일을 원래 위치에 두거나, 저장된 연결의 ca_file이나 SSL_CERT_FILE에 다른 파일을 지정하세요
}
failure-tls-wrong-name-advice-cli = 엔드포인트에 오타가 없는지 확인하세요. 버킷 이름에 점이 있으면 --path-style을 쓰세요
failure-bucket-exists-advice-cli = 그대로 쓰거나 다른 이름을 고르세요
failure-acl-not-supported-advice-cli = 대신 버킷 정책으로 폴더를 공개하거나 “bucketdrop-cli link --expires”로 만든 링크를 전달하세요. 무엇이 막고 있는지는 “bucketdrop-cli doctor s3://버킷/키”로 확인하세요
failure-stays-private-advice-cli = 서비스가 공개 요청을 따르지 않았거나 계정에서 차단하고 있습니다. “bucketdrop-cli link --expires”로 만든 링크를 전달하거나 “bucketdrop-cli doctor”로 이유를 확인하세요
failure-acl-left-out-advice-cli = 버킷 정책으로 접근을 허용하고, --acl 없이 업로드하세요
failure-already-exists-advice-cli = --on-conflict overwrite나 --on-conflict rename을 붙여 그 파일을 다시 업로드하세요
failure-checksum-mismatch-advice-cli = { again-cli }. 또 생긴다면 프록시나 메모리, 디스크가 데이터를 손상시키는 것입니다
failure-storage-full-advice-cli = 공간을 비우거나 할당량을 늘린 뒤 { again-cli }
failure-parts-refused-advice-cli = 서버 운영자에게 알리세요. -v를 붙이면 무엇이 문제인지 보입니다
failure-unsupported-advice-cli = { $has-option ->
    [yes] { $option ->
        [encryption] --sse를 빼거나, 암호화를 제공하는 서비스에 업로드하세요
        [tags] --tag에는 글자, 숫자, 공백과 + - = . _ : / @ 만 쓰세요. -v를 붙이면 서버가 알린 내용이 보입니다
       *[other] --sse처럼 이 서비스가 모르는 옵션을 빼세요. -v를 붙이면 서버가 알린 내용이 보입니다
    }
   *[no] S3 서비스마다 제공하는 기능이 다릅니다. -v를 붙이면 빠진 기능이 보입니다
}
failure-object-replaced-advice-cli = 같은 때에 다른 사람이 썼을 수 있습니다. “bucketdrop-cli list”로 확인하거나 { upload-anew-cli }
failure-unverified-advice-cli = “bucketdrop-cli list”로 크기를 비교하거나 { upload-anew-cli }
failure-source-missing-advice-cli = 경로를 확인하고 파일을 되돌려 놓은 뒤 { again-cli }
failure-source-unreadable-advice-cli = 권한을 확인하고, 다른 프로그램이 쓰고 있지 않은지 확인한 뒤 { again-cli }
failure-source-away-advice-cli = 장치를 다시 꽂거나 공유 폴더에 다시 연결하세요. 명령은 그때까지 기다립니다
failure-source-silent-advice-cli = 공유 폴더와 그 서버를 확인하세요. 명령은 다시 응답할 때까지 기다립니다
failure-source-too-slow-advice-cli = 공유 폴더나 디스크가 덜 바쁠 때 { again-cli }. 파일을 이 컴퓨터로 복사한 뒤 복사본을 업로드해도 됩니다
failure-source-changed-advice-cli = 다른 프로그램이 쓰기를 마친 뒤 { again-cli }
failure-target-exists-advice-cli = 그 파일을 옮기거나 다른 폴더를 지정하세요
failure-target-name-unsafe-advice-cli = 이름을 직접 정할 수 있는 다른 프로그램으로 다운로드하세요
failure-disk-full-advice-cli = 공간을 비운 뒤 { again-cli }
failure-folder-unusable-advice-cli = 그곳에 쓸 수 있는지 확인하거나 환경 변수 BUCKETDROP_HOME에 다른 폴더를 지정한 뒤 { again-cli }
failure-settings-unwritable-advice-cli = 설정 폴더의 남은 공간과 권한을 확인하세요. 명령 자체는 설정을 저장하지 않아도 실행됩니다
failure-keychain-missing-advice-cli = 키체인(GNOME Keyring, KWallet, KeePassXC)을 설치하거나 켜세요. 환경 변수의 키와 함께 --connection aws를 쓸 수도 있습니다
failure-keychain-locked-advice-cli = 잠금을 풀고 { again-cli }. 환경 변수의 키와 함께 --connection aws를 쓸 수도 있습니다
failure-keychain-silent-advice-cli = 키체인 암호를 묻고 있는지 확인하거나, 환경 변수의 키와 함께 --connection aws를 쓰세요
failure-keychain-failed-advice-cli = { again-cli }. -v를 붙이면 키체인이 알린 내용이 보입니다. 환경 변수의 키와 함께 --connection aws를 쓸 수도 있습니다
failure-secret-missing-advice-cli = 연결을 만든 곳에서 비밀 키를 다시 입력하거나, 환경 변수의 키와 함께 --connection aws를 쓰세요
failure-connection-missing-advice-cli = --connection으로 다른 연결을 지정하세요. 이 연결로 시작한 업로드는 이어갈 수 없습니다
failure-draft-invalid-advice-cli = 설정 파일이나 연결을 만든 곳에서 고치세요
failure-internal-advice-cli = { again-cli }. 또 생긴다면 -v로 본 내용과 함께 알려 주세요
failure-data-corrupted-advice-cli = { $has-stands-damaged ->
    [yes] 지금 그 자리에 손상된 객체가 있습니다. 다른 네트워크를 쓰거나 프록시를 끈 뒤 --on-conflict overwrite를 붙여 그 키로 다시 업로드하면 올바른 파일로 바뀝니다. 계속되면 서버 자체의 문제입니다
   *[no] 다른 네트워크를 쓰거나 프록시를 끈 뒤 { again-cli }. 계속되면 서버 자체의 문제입니다
}
failure-journal-read-only-advice-cli = 파일과 폴더에 쓰기를 허용한 뒤 다시 시도하세요
failure-journal-newer-advice-cli = Bucketdrop을 업데이트하거나 새 버전에서 업로드를 마치세요. { $the-path }은 그대로 두었습니다
failure-journal-in-use-advice-cli = 이 명령은 중단되면 “bucketdrop-cli resume”으로 이어갈 수 없습니다. 이어갈 수 있어야 한다면 다른 쪽이 끝난 뒤 실행하세요
failure-journal-full-advice-cli = 공간을 비우세요. 그때까지 새 업로드를 시작하지 않습니다
failure-journal-unwritable-advice-cli = { $the-path }이 있는 디스크를 확인하세요. 저장할 수 있게 될 때까지 새 업로드를 시작하지 않습니다
failure-journal-unreadable-advice-cli = { $the-path }이 있는 디스크를 확인한 뒤 “bucketdrop-cli resume”을 실행하세요. 나머지를 다시 읽습니다
failure-journal-damaged-advice-cli = 빠진 파일이 있으면 업로드 명령을 다시 실행하세요. 큰 파일의 파트가 서버에 남아 있을 수 있고, 지울 때까지 비용이 듭니다. Bucketdrop의 “끝나지 않은 업로드”에서 지울 수 있습니다. 손상된 목록은 { $the-path }로 옮겨 두었습니다
