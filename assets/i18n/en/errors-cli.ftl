# Kept in a file of its own: what to do next for somebody at a command line, where the common advice speaks of the window.

# How what has failed is done after all. What is kept goes on where it stopped; run anew, the command would leave it there.
# What neither this command nor “resume” would come back to is uploaded anew.
again-cli = { $has-kept ->
    [yes] run “bucketdrop-cli resume”
    [anew] upload it again
   *[no] run the command again
}
upload-anew-cli = upload the file again with --on-conflict overwrite

failure-access-denied-advice-cli = { $has-requester-pays ->
    [yes] { $has-action ->
        [yes] Ask the owner of the account to allow { $action }, or use another key. If its users pay for this bucket (requester pays), add --requester-pays, or set payer = "requester" in the saved connection
       *[no] Ask the owner of the account for the permission, or use another key. If its users pay for this bucket (requester pays), add --requester-pays, or set payer = "requester" in the saved connection
    }
   *[no] { $has-action ->
        [yes] Ask the owner of the account to allow { $action }, or use another key
       *[no] Ask the owner of the account for the permission, or use another key
    }
}
failure-credential-process-off-advice-cli = If you trust that command, add --credential-process, or set credential_process = "allowed" in the saved connection
failure-requester-pays-advice-cli = Add --requester-pays, or set payer = "requester" in the saved connection, if you want to pay for requests and downloads
failure-wrong-secret-advice-cli = Set the secret again where it stands: in the environment, the profile or the saved connection; it is shown only once, when a key is made
failure-expired-token-advice-cli = Sign in again or set fresh keys with their session token, then { again-cli }
failure-invalid-token-advice-cli = Set access key, secret and session token again, all three from the same sign-in
failure-no-credentials-advice-cli = Name a profile that has keys with --profile, sign in (for example with “aws sso login”), or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY
failure-no-such-key-advice-cli = Check its spelling with “bucketdrop-cli list”; somebody may have deleted or renamed it
failure-no-such-upload-advice-cli = { again-cli }: the file is then uploaded from the start
failure-wrong-region-advice-cli = { $has-region ->
    [yes] Name the region { $region } with --region, or in the profile or the saved connection
   *[no] Name the region that the bucket is in with --region, or in the profile or the saved connection
}
failure-listing-cut-short-advice-cli = The server says that there is more, but not where that begins, so what came may not be all: tell whoever runs the server
failure-endpoint-missing-advice-cli = Set endpoint_url in the profile, or the endpoint in the saved connection
failure-offline-advice-cli = { $has-maybe-https ->
    [yes] If the server speaks https, use https:// in the endpoint. Else check the network, then { again-cli }
   *[no] Check the network, then { again-cli }
}
failure-timeout-advice-cli = { again-cli }; if it happens often, the network may be too slow for so many files at once: lower --jobs
failure-throttled-advice-cli = Wait a little and { again-cli }, with fewer files at once (--jobs)
failure-server-error-advice-cli = Wait a few minutes, then { again-cli }; with -v you see what the server reported
failure-tls-not-trusted-advice-cli = { $has-setting ->
    [yes] The authorities in the file that { $setting } names do not vouch for it: add the one that signed this server’s certificate to that file, or remove the setting from the environment or ~/.aws/config
   *[no] { $has-ca-file ->
        [yes] The CA file “{ $ca-file }” does not vouch for it: name the file of the authority that signed this server’s certificate, as ca_file of the saved connection or in SSL_CERT_FILE
       *[no] If it is your own server, name the file of the authority that signed its certificate, as ca_file of the saved connection or in SSL_CERT_FILE
    }
}
failure-ca-file-unreadable-advice-cli = { $has-setting ->
    [yes] { $setting } names it in the place of the system’s authorities: put it back, or correct that setting in the environment or in ~/.aws/config
   *[no] Put it back, or name another one, as ca_file of the saved connection or in SSL_CERT_FILE
}
failure-tls-wrong-name-advice-cli = Check the endpoint for typing mistakes; if a bucket’s name has dots, use --path-style
failure-bucket-exists-advice-cli = Use it, or choose another name
failure-acl-not-supported-advice-cli = Open the folder by a bucket policy instead, or hand out links with “bucketdrop-cli link --expires”; “bucketdrop-cli doctor s3://BUCKET/KEY” tells what stands in the way
failure-stays-private-advice-cli = The service ignored the request to make it public, or the account blocks it: hand out links with “bucketdrop-cli link --expires”, or ask “bucketdrop-cli doctor” for the reason
failure-acl-left-out-advice-cli = Give access by a bucket policy instead, and upload without --acl
failure-already-exists-advice-cli = Upload the file again with --on-conflict overwrite or --on-conflict rename
failure-checksum-mismatch-advice-cli = { again-cli }; if it happens again, a proxy, the memory or the disk damages data
failure-storage-full-advice-cli = Free some space or raise the quota, then { again-cli }
failure-parts-refused-advice-cli = Report this to the server’s operator; with -v you see what it found wrong with them
failure-unsupported-advice-cli = { $has-option ->
    [yes] { $option ->
        [encryption] Leave --sse out, or upload to a service that offers it
        [tags] Use letters, digits, spaces and + - = . _ : / @ only with --tag; with -v you see the server’s words
       *[other] Leave out options like --sse that this service does not know; with -v you see the server’s words
    }
   *[no] Not every S3 service has every function; with -v you see the one that is missing
}
failure-object-replaced-advice-cli = Somebody else may have written it at the same time: look at it with “bucketdrop-cli list”, or { upload-anew-cli }
failure-unverified-advice-cli = Compare its size with “bucketdrop-cli list”, or { upload-anew-cli }
failure-source-missing-advice-cli = Check the path, put the file back and { again-cli }
failure-source-unreadable-advice-cli = Check its permissions, and that no other program holds it, then { again-cli }
failure-source-away-advice-cli = Plug it in or reconnect to it: the command waits for it
failure-source-silent-advice-cli = Check the share and its server: the command waits until it answers
failure-source-too-slow-advice-cli = When its share or disk is less busy, { again-cli }; or copy the file to this computer and upload the copy
failure-source-changed-advice-cli = When no program writes to it any more, { again-cli }
failure-target-exists-advice-cli = Move it away, or name another folder
failure-target-name-unsafe-advice-cli = Download it with another program, one that lets you choose the name
failure-disk-full-advice-cli = Free some space, then { again-cli }
failure-folder-unusable-advice-cli = Make sure that you may write there, or name another folder in the environment variable BUCKETDROP_HOME, then { again-cli }
failure-settings-unwritable-advice-cli = Check free space and permissions of the settings folder; the command itself works without saving them
failure-keychain-missing-advice-cli = Install or start one (GNOME Keyring, KWallet, KeePassXC), or use --connection aws with keys in the environment
failure-keychain-locked-advice-cli = Unlock it and { again-cli }, or use --connection aws with keys in the environment
failure-keychain-silent-advice-cli = Look for a prompt that asks for its password, or use --connection aws with keys in the environment
failure-keychain-failed-advice-cli = { again-cli }, with -v to see the keychain’s own words, or use --connection aws with keys in the environment
failure-secret-missing-advice-cli = Enter the secret again where the connection was made, or use --connection aws with keys in the environment
failure-connection-missing-advice-cli = Name another one with --connection; uploads that were begun through it cannot go on
failure-draft-invalid-advice-cli = Correct it in the settings file, or where the connection was made
failure-internal-advice-cli = { again-cli }; if it happens again, report it with what -v says
failure-data-corrupted-advice-cli = { $has-stands-damaged ->
    [yes] A damaged object stands there now. Use another network or go without the proxy, then upload the file to that key again with --on-conflict overwrite, which replaces it; if it goes on, the server itself is at fault
   *[no] Use another network or go without the proxy, then { again-cli }; if it goes on, the server itself is at fault
}
failure-journal-read-only-advice-cli = Allow writing to the file and its folder, then try again
failure-journal-newer-advice-cli = Update Bucketdrop, or finish these uploads with the newer version; { $the-path } was not touched
failure-journal-in-use-advice-cli = If interrupted, this command cannot be continued by “bucketdrop-cli resume”; wait until the other one has ended if that matters
failure-journal-full-advice-cli = Free some space; nothing new is started until there is
failure-journal-unwritable-advice-cli = Check the disk that holds { $the-path }; nothing new is started until it can be written
failure-journal-unreadable-advice-cli = Check the disk that holds { $the-path }, then run “bucketdrop-cli resume”: the rest is read once more
failure-journal-damaged-advice-cli = Run the upload command again for what is missing. Parts of large files may be left on the server, where they cost until they are aborted: Bucketdrop’s “Unfinished uploads” does that. The damaged list was moved to { $the-path }
