# One title (what happened and why) and one advice (what to do next) for every kind of failure.
# { $the-… } holds the thing with its name where it is known: "the bucket “photos”", else "the bucket".
# Other values only inside { $has-… -> [yes] … *[no] … }.

noun-host = the server { $host }
noun-host-unknown = the server
noun-bucket = the bucket “{ $bucket }”
noun-bucket-unknown = the bucket
noun-key = “{ $key }”
noun-key-unknown = the object
noun-path = “{ $path }”
noun-path-unknown = the file
noun-connection = the connection “{ $connection }”
noun-connection-unknown = the connection

failure-access-denied = { $has-action ->
    [yes] Access denied: this key may not do { $action } on { $the-bucket }
   *[no] Access denied: this key is not allowed to do that
}
failure-access-denied-advice = { $has-requester-pays ->
    [yes] { $has-action ->
        [yes] Ask the owner of the account to allow { $action }, or use another key. If its users pay for this bucket (requester pays), switch on “I pay” under “More options” of the connection
       *[no] Ask the owner of the account for the permission, or use another key. If its users pay for this bucket (requester pays), switch on “I pay” under “More options” of the connection
    }
   *[no] { $has-action ->
        [yes] Ask the owner of the account to allow { $action }, or use another key
       *[no] Ask the owner of the account for the permission, or use another key
    }
}
failure-requester-pays = Whoever uses { $the-bucket } pays for it (requester pays), and this connection has not agreed to pay
failure-requester-pays-advice = Switch on “I pay” under “More options” of the connection, if you want to pay for requests and downloads
failure-unknown-access-key = { $the-host } does not know this access key
failure-unknown-access-key-advice = Check the access key ID for typing mistakes and that the key is still active, or make a new key
failure-wrong-secret = { $has-host ->
    [yes] { $the-host } says that the secret access key does not match the access key ID
   *[no] The secret access key does not match the access key ID
}
failure-wrong-secret-advice = Paste the secret again; it is shown only once, when a key is made
failure-expired-token = The session token has expired, so the keys no longer work
failure-expired-token-advice = Sign in again or paste fresh keys with their session token, then retry
failure-invalid-token = The session token does not belong to this key, or is damaged
failure-invalid-token-advice = Paste access key, secret and session token again, all three from the same sign-in
failure-no-credentials = { $has-profile ->
    [yes] No keys were found for the AWS profile “{ $profile }”
   *[no] No keys were found
}
failure-no-credentials-advice = Choose an AWS profile that has keys, sign in (for example with “aws sso login”), or enter an access key
failure-credentials-unreadable = { $has-path ->
    [yes] The AWS file “{ $path }” cannot be read
   *[no] The AWS files with the keys cannot be read
}
failure-credentials-unreadable-advice = Check ~/.aws/config and ~/.aws/credentials for mistakes and for their permissions
failure-sso-signed-out = You are not signed in at AWS IAM Identity Center (SSO), or no longer
failure-sso-signed-out-advice = Run “aws sso login” for this profile, then try again
failure-role-refused = AWS does not let these keys take on the role of the profile
failure-role-refused-advice = Ask whoever manages the role to allow sts:AssumeRole for you, or choose another profile
failure-credential-process-off = { $has-command ->
    [yes] The profile gets its keys from a command, which was not run since nobody has allowed it: { $command }
   *[no] The profile gets its keys from a command (credential_process), which was not run since nobody has allowed it
}
failure-credential-process-off-advice = If you trust that command, switch on “Let the profile run its command” in the connection
failure-credential-process-failed = { $has-command ->
    [yes] The command that the profile gets its keys from gave none: { $command }
   *[no] The command that the profile gets its keys from (credential_process) gave none
}
failure-credential-process-failed-advice = Run that command in a terminal and fix what it reports, or choose a profile with keys of its own
failure-no-such-bucket = { $the-bucket } does not exist
failure-no-such-bucket-advice = Check its spelling, and that this connection uses the account that owns it
failure-no-such-key = { $the-key } is no longer there
failure-no-such-key-advice = Somebody deleted or renamed it; reload the folder
failure-no-such-upload = The server has forgotten the started upload
failure-no-such-upload-advice = Retry to upload the file from the start
failure-listing-cut-short = The server did not give the rest of the list
failure-listing-cut-short-advice = It says that there is more, but not where that begins, so what is shown may not be all; reload, and if it happens again, tell whoever runs the server
failure-wrong-region = { $has-bucket ->
    [yes] { $has-region ->
        [yes] { $the-bucket } is in the region { $region }, not in the one of this connection
       *[no] { $the-bucket } is in another region than the one of this connection
    }
   *[no] { $has-region ->
        [yes] { $the-host } wants the region { $region }, not the one of this connection
       *[no] { $the-host } does not take the region of this connection
    }
}
failure-wrong-region-advice = { $has-region ->
    [yes] Edit the connection and choose the region { $region }
   *[no] Edit the connection and choose the region that the bucket is in
}
failure-not-s3 = { $the-host } answers, but not as S3
failure-not-s3-advice = { $has-wants-https ->
    [yes] The server speaks https: use https:// in the endpoint
   *[no] { $has-maybe-https ->
        [yes] Check the endpoint: if the server speaks https, use https://, and the address has to be that of the S3 API
       *[no] Check the endpoint: it must be the S3 API address, not the one of a web console
    }
}
failure-endpoint-missing = { $the-connection } has no endpoint, nor does its profile
failure-endpoint-missing-advice = Enter the endpoint in the connection, or set endpoint_url in the profile
failure-endpoint-invalid = The endpoint that the environment or the profile names is not an address
failure-endpoint-invalid-advice = Correct AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL or endpoint_url: for example https://s3.example.com
failure-aws-setting-invalid = { $has-setting ->
    [yes] { $setting } cannot be “{ $typed }”
   *[no] A setting in the environment or in ~/.aws is not understood
}
failure-aws-setting-invalid-advice = { $has-option ->
    [yes] Correct it in the environment or in ~/.aws/config; possible values: { $option }
   *[no] Correct it in the environment or in ~/.aws/config
}
failure-fips-unavailable = Only FIPS hosts may be used (AWS_USE_FIPS_ENDPOINT or use_fips_endpoint), and { $the-host } is none of Amazon’s
failure-fips-unavailable-advice = Remove the endpoint, so that Amazon’s FIPS host of the region is used, name one such as https://s3-fips.us-east-1.amazonaws.com, or turn that setting off
failure-endpoint-holds-bucket = The connection’s endpoint holds the name of a bucket
failure-endpoint-holds-bucket-advice = Take the bucket off the endpoint, wherever that stands: in the connection, in the profile or in AWS_ENDPOINT_URL; with it, files would get wrong keys
failure-login-page = A web page answered in place of { $the-host }
failure-login-page-advice = Open a browser and sign in to the network (hotel or café Wi-Fi), then try again
failure-clock-skew = { $has-minutes ->
    [yes] The clock of this computer is off by { $minutes } minutes, so the server refuses its signatures
   *[no] { $has-hours ->
        [yes] The clock of this computer is off by { $hours } hours, so the server refuses its signatures
       *[no] The clock of this computer is off, so the server refuses its signatures
    }
}
failure-clock-skew-advice = Set date, time and time zone to automatic, then try again
failure-tls-not-trusted = The certificate of { $the-host } is not trusted
failure-tls-not-trusted-advice = { $has-setting ->
    [yes] The authorities in the file that { $setting } names do not vouch for it: add the one that signed this server’s certificate to that file, or remove the setting from the environment or ~/.aws/config
   *[no] { $has-ca-file ->
        [yes] The CA file of the connection, “{ $ca-file }”, does not vouch for it: choose the file of the authority that signed this server’s certificate, under “More options” of the connection
       *[no] If it is your own server, choose the file of the authority that signed its certificate as “CA file” under “More options” of the connection
    }
}
failure-tls-wrong-name = The certificate of { $the-host } is for another name
failure-tls-wrong-name-advice = Check the endpoint for typing mistakes; if a bucket’s name has dots, set “Addressing” to “Path”
failure-tls-expired = The certificate of { $the-host } is not valid at this time
failure-tls-expired-advice = Check this computer’s date; if it is right, the server’s operator has to renew the certificate
failure-ca-file-unreadable = { $has-ca-file ->
    [yes] The CA file “{ $ca-file }” cannot be read
   *[no] The CA file of the connection cannot be read
}
failure-ca-file-unreadable-advice = { $has-setting ->
    [yes] { $setting } names it in the place of the system’s authorities: put it back, or correct that setting in the environment or in ~/.aws/config
   *[no] Put it back, or choose another one under “More options” of the connection
}
failure-ca-file-invalid = { $has-ca-file ->
    [yes] The CA file “{ $ca-file }” holds no certificate that can be read
   *[no] The CA file of the connection holds no certificate that can be read
}
failure-ca-file-invalid-advice = { $has-setting ->
    [yes] { $setting } names it: in the environment or in ~/.aws/config, name a file with certificates of authorities in PEM, a text that begins with -----BEGIN CERTIFICATE-----
   *[no] Choose the certificate of the authority in PEM: a text that begins with -----BEGIN CERTIFICATE-----
}
failure-host-not-found = { $the-host } was not found
failure-host-not-found-advice = Check the endpoint’s spelling and your internet connection
failure-connection-refused = { $the-host } refuses the connection
failure-connection-refused-advice = Check that the server is running and that the port is right
failure-offline = No connection to { $the-host }
failure-offline-advice = { $has-maybe-https ->
    [yes] If the server speaks https, use https:// in the endpoint. Else check the network; transfers go on by themselves when it is back
   *[no] Check the network; transfers go on by themselves when it is back
}
failure-timeout = { $has-host ->
    [yes] { $the-host } did not answer in time
   *[no] No answer came in time
}
failure-timeout-advice = Try again; if it happens often, the network may be too slow for so many files at once
failure-throttled = { $the-host } asks for a slower pace
failure-throttled-advice = Wait a little and retry, or transfer fewer files at once
failure-server-error = { $the-host } has a problem of its own
failure-server-error-advice = Try again in a few minutes; the details say what the server reported
failure-proxy-login = The proxy of this network wants a login
failure-proxy-login-advice = Set the proxy with its login in HTTPS_PROXY, or use a network without one
failure-proxy-unusable = { $has-setting ->
    [yes] The proxy in { $setting } cannot be used
   *[no] The proxy of this computer’s settings cannot be used
}
failure-proxy-unusable-advice = { $has-setting ->
    [yes] Correct that variable: proxies can be http, https, socks5 or socks5h. To do without a proxy for { $the-host }, name it in NO_PROXY. Then start Bucketdrop again
   *[no] Correct the proxy in this computer’s settings: proxies can be http, https, socks5 or socks5h. To do without a proxy for { $the-host }, name it in NO_PROXY. Then start Bucketdrop again
}
failure-bucket-exists = You already have { $the-bucket }
failure-bucket-exists-advice = Open it in the list, or choose another name
failure-bucket-owned-by-other = The name is taken: { $the-bucket } belongs to another account
failure-bucket-owned-by-other-advice = Choose another name; bucket names are shared by all accounts of a service
failure-bucket-not-empty = { $the-bucket } is not empty
failure-bucket-not-empty-advice = Delete its objects first, older versions and unfinished uploads included
failure-invalid-bucket-name = { $has-name ->
    [yes] “{ $name }” is no valid bucket name
   *[no] This is no valid bucket name
}
failure-invalid-bucket-name-advice = Use 3 to 63 lower-case letters, digits and hyphens
failure-invalid-key = { $has-key ->
    [yes] “{ $key }” cannot be used as a key
   *[no] This name cannot be used as a key
}
failure-invalid-key-advice = { $has-suggestion ->
    [yes] Rename the file or choose another folder, so that the key has no control characters, and no “.” or “..” as a part of its path; “{ $suggestion }” would do
   *[no] Choose another name: no control characters, and not “.” or “..” as a part of the path
}
failure-key-out-of-reach = No browser can open { $the-key }: a part of it is “.” or “..”
failure-key-out-of-reach-advice = Upload it under another key, or download it and pass the file on
failure-key-too-long = { $the-key } is too long: S3 takes 1,024 bytes at most
failure-key-too-long-advice = Shorten the name or upload into a folder with a shorter path; one Hangul syllable is three bytes
failure-too-large = { $the-path } is larger than this service accepts
failure-too-large-advice = Split the file, or use a service with a higher limit
failure-already-exists = { $the-key } already exists and was left as it is
failure-already-exists-advice = Choose another name, or upload the file again with “Overwrite” or “Keep both”
failure-checksum-mismatch = { $the-key } changed on its way: the checksums differ
failure-checksum-mismatch-advice = Retry; if it happens again, a proxy, the memory or the disk damages data
failure-data-corrupted = { $the-key } arrived changed twice: something on the way damages data
failure-data-corrupted-advice = { $has-stands-damaged ->
    [yes] A damaged object stands there now. Use another network or go without the proxy, then retry, which replaces it, or upload again and choose “Overwrite”; if it goes on, the server itself is at fault
   *[no] Use another network or go without the proxy; if it goes on, the server itself is at fault
}
failure-no-entity-tag = { $the-host } answers without an ETag, and does not list the part that it was sent
failure-no-entity-tag-advice = Something between may take the header away: go without the proxy, or report it to the server’s operator
failure-nothing-stored = { $the-host } said that { $the-key } was stored, but there is nothing
failure-nothing-stored-advice = Report this to the server’s operator: it, or a proxy before it, answers before it has stored anything
failure-parts-refused = { $the-host } does not accept the parts of { $the-key } that it took before
failure-parts-refused-advice = Report this to the server’s operator; the details say what it found wrong with them
failure-body-refused = A part of { $the-path } was refused as too large on the way to { $the-host }
failure-body-refused-advice = A proxy or gateway limits how large a request may be: raise its limit (in nginx: client_max_body_size), or go without it
failure-object-replaced = Something else than what was sent stands under { $the-key } now
failure-object-replaced-advice = Somebody else may have written it at the same time: look at the object, and upload the file again if it is not what you want
failure-checksum-unsupported = { $the-host } does not accept checksums of the kind CRC64NVME
failure-checksum-unsupported-advice = Update the server, or report which service this is
failure-acl-not-supported = { $the-bucket } does not take access control lists (ACLs)
failure-acl-not-supported-advice = Make the folder public by a bucket policy, or hand out links that expire
failure-public-access-blocked = Public access is blocked for { $the-bucket }
failure-public-access-blocked-advice = Hand out links that expire, or turn off Block Public Access for the bucket and the account in the service’s console
failure-stays-private = Uploaded as public, but strangers are still refused in { $the-bucket }
failure-stays-private-advice = The service ignored the request to make it public, or the account blocks it: hand out links that expire, or look at “Why” beside the link
failure-acl-left-out = { $has-name ->
    [yes] Stored without the access control list (ACL) “{ $name }”: { $the-bucket } does not take it
   *[no] Stored without the access control list (ACL): { $the-bucket } does not take it
}
failure-acl-left-out-advice = Give access by a bucket policy instead
failure-archived = { $the-key } is archived and cannot be read right away
failure-archived-advice = Restore it first in the service’s console; that takes minutes to hours
failure-storage-full = The storage of { $the-host } is full
failure-storage-full-advice = Free some space or raise the quota, then retry
failure-unsupported = { $has-option ->
    [yes] { $option ->
        [clipboard] Copied files cannot be read from the clipboard here
        [encryption] { $the-host } does not support the encryption that was asked for
        [tags] { $the-host } does not take these tags
       *[other] { $the-host } does not support an option that was asked for
    }
   *[no] { $has-action ->
        [yes] { $the-host } does not offer { $action }
       *[no] { $has-host ->
            [yes] { $the-host } does not offer this
           *[no] This cannot be done here
        }
    }
}
failure-unsupported-advice = { $has-option ->
    [yes] { $option ->
        [clipboard] Choose the files with “Upload files” or “Upload folder” instead; the details say what is in the way
        [encryption] Try again without asking for encryption, or use a service that offers it
        [tags] Use letters, digits, spaces and + - = . _ : / @ only, then upload again; the details hold the server’s words
       *[other] Try again without that option, for example encryption; the details hold the server’s words
    }
   *[no] { $has-host ->
        [yes] Not every S3 service has every function; the details name the one that is missing
       *[no] The details say what is in the way, if anything is known of it
    }
}
failure-unverified = It is not certain that { $the-key } was stored in full
failure-unverified-advice = Reload the folder and compare the size, or upload the file again
failure-source-missing = { $has-typed ->
    [yes] There is no such file or folder: { $the-path }
   *[no] { $the-path } is gone: it was moved or deleted
}
failure-source-missing-advice = Put it back and retry, or remove it from the list
failure-source-unreadable = { $the-path } may not be read
failure-source-unreadable-advice = Check its permissions, and that no other program holds it, then retry
failure-source-away = The device or network share that holds { $the-path } is not there
failure-source-away-advice = Plug it in or connect to it again: its files then go on by themselves
failure-source-silent = { $has-share ->
    [yes] The share “{ $share }” does not answer
   *[no] The network share that holds { $the-path } does not answer
}
failure-source-silent-advice = Its files wait, and go on by themselves as soon as it answers. Everything else goes on meanwhile
failure-source-too-slow = { $the-path } is read so slowly that the server would not wait for it
failure-source-too-slow-advice = Retry when its share or disk is less busy, or copy the file to this computer and upload the copy
failure-out-of-handles = This computer is out of memory, or cannot open more files and connections
failure-out-of-handles-advice = Fewer files are sent at once for a while; closing other programs helps
failure-source-changed = { $the-path } changed while it was read
failure-source-changed-advice = Retry when no program writes to it any more
failure-source-size-wrong = The size of { $the-path } is not what the system says, so nothing was stored
failure-source-size-wrong-advice = Copy it into an ordinary file, and upload that one
failure-source-not-a-file = { $has-folder ->
    [yes] { $the-path } is a folder now, and no longer the file that was to be uploaded
   *[no] { $the-path } is neither a file nor a folder
}
failure-source-not-a-file-advice = Only files and folders can be uploaded; links, pipes and devices are left out
failure-source-name-not-unicode = The name of { $the-path } is not valid text
failure-source-name-not-unicode-advice = Rename the file and upload it again
failure-source-same-key = { $the-path } was left out: another file of this upload gets the same key
failure-source-same-key-advice = Rename one of the two, or upload them into different folders
failure-target-exists = { $the-path } already exists on this computer
failure-target-exists-advice = Move that file away and retry, or download into another folder
failure-target-unwritable = { $the-path } cannot be written
failure-target-unwritable-advice = Choose another folder, or check this one’s permissions
failure-target-name-unsafe = { $the-key } is no safe name for a file on this computer
failure-target-name-unsafe-advice = Download it with another program, one that lets you choose the name
failure-disk-full = { $has-path ->
    [yes] The disk is full: { $the-path } cannot be written
   *[no] The disk is full
}
failure-disk-full-advice = Free some space, then retry
failure-settings-unwritable = { $has-path ->
    [yes] The settings cannot be saved to { $the-path }
   *[no] The settings cannot be saved
}
failure-settings-unwritable-advice = Check free space and permissions of the settings folder; until then changes hold for this run only
failure-folder-unusable = { $has-path ->
    [yes] { $the-path } cannot be used
   *[no] A folder of Bucketdrop cannot be used
}
failure-folder-unusable-advice = Check that it exists, that you may write to it, and that the disk is not read-only, then start Bucketdrop again
failure-parts-remain = Parts of the unfinished upload of { $the-key } are still at the server
failure-parts-remain-advice = Abort it again in a minute: parts that were on their way may have arrived after the first abort
failure-journal-full = The disk is full, so the list of uploads cannot be saved and no new upload starts
failure-journal-full-advice = Free some space; running uploads go on, and the rest follows by itself
failure-journal-unwritable = The disk refuses to save the list of uploads, so no new upload starts
failure-journal-unwritable-advice = Check the disk that holds { $the-path }; uploads go on by themselves once it can be written
failure-journal-unreadable = The list of uploads cannot be read to its end; nothing of it is lost
failure-journal-unreadable-advice = Check the disk that holds { $the-path }, then let the uploads go on or start Bucketdrop again: the rest is read once more
failure-journal-read-only = The list of uploads may not be written: { $the-path } or its folder is read-only
failure-journal-read-only-advice = What you upload now does not go on after you quit. Allow writing to the file and its folder, then start Bucketdrop again
failure-journal-damaged = The list of uploads was damaged; what could be read of it was kept
failure-journal-damaged-advice = Check the transfers and drop again what is missing; parts that were left on the server are under “Unfinished uploads”; the damaged list was moved to { $the-path }
failure-journal-mended = The disk had altered a part of the list of uploads; it was put right, and nothing is lost
failure-journal-mended-advice = If this comes again, check the disk and the memory of this computer; what was found is kept in { $the-path }
failure-journal-newer = The list of uploads was written by a newer Bucketdrop
failure-journal-newer-advice = What you upload now does not go on after you quit. Update Bucketdrop, or finish the earlier uploads with the newer version; { $the-path } was not touched
failure-journal-in-use = Another Bucketdrop is using the list of uploads
failure-journal-in-use-advice = What you upload now does not go on after you quit. Use the one that is running, or quit it and try again
failure-journal-left-beside = Uploads of another Bucketdrop cannot be taken over now; their list is kept as it is
failure-journal-left-beside-advice = Make { $the-path } readable and writable, then start Bucketdrop again: these uploads go on from there
failure-settings-unreadable = { $has-line ->
    [yes] The settings cannot be read: line { $line } of { $the-path } is not valid TOML
   *[no] The settings cannot be read from { $the-path }
}
failure-settings-unreadable-advice = Correct the file and start again; until then the defaults hold, and the file is copied before anything new is saved
failure-settings-entries = Some entries of { $the-path } cannot be used
failure-settings-entries-advice = Their usual values hold until you correct them in that file or choose again in the settings
failure-keychain-missing = This computer offers no keychain
failure-keychain-missing-advice = Install or start one (GNOME Keyring, KWallet, KeePassXC), or use the keys for this run only
failure-keychain-locked = The keychain is locked
failure-keychain-locked-advice = { $has-deleting ->
    [yes] Unlock it and delete the connection again: its secret goes with it
   *[no] Unlock it and try again, or use the keys for this run only
}
failure-keychain-silent = The keychain does not answer
failure-keychain-silent-advice = { $has-deleting ->
    [yes] Look for a window that asks for its password, then delete the connection again
   *[no] Look for a window that asks for its password, or use the keys for this run only
}
failure-keychain-failed = The keychain could not do this
failure-keychain-failed-advice = { $has-deleting ->
    [yes] Delete the connection again; the details hold the keychain’s own words
   *[no] Try again, or use the keys for this run only; the details hold the keychain’s own words
}
failure-secret-missing = The secret of { $the-connection } is no longer in the keychain
failure-secret-missing-advice = Edit the connection and paste the secret again
failure-connection-missing = { $the-connection } no longer exists
failure-connection-missing-advice = Choose another connection or make a new one
failure-connection-in-use = Transfers through { $the-connection } have not ended, or have failed and could be tried again
failure-connection-in-use-advice = Let them end, or choose what becomes of them
failure-draft-invalid = { $has-field ->
    [yes] { $field ->
        [name] The name of the connection is not right yet
        [endpoint] The endpoint is not right yet
        [region] The region is not right yet
        [access-key-id] The access key ID is not right yet
        [secret] The secret access key is not right yet
        [scope] The list of buckets is not right yet
        [link-domain] An address among the link domains is not right yet
       *[other] The field “{ $field }” is not right yet
    }
   *[no] Something in the form is not right yet
}
failure-draft-invalid-advice = Correct the marked fields
failure-local-storage-failed = { $has-port ->
    [yes] The storage on this computer did not start: another program uses port { $port }
   *[no] The storage on this computer did not start
}
failure-local-storage-failed-advice = { $has-port ->
    [yes] Close that program, or choose another port
   *[no] Another program may be using its port or folder; close it and try again
}
failure-local-storage-index-missing = The storage on this computer has files, but the list of them is missing: { $the-path }
failure-local-storage-index-missing-advice = Put { $the-path } back from a backup, or move its whole folder away to begin with an empty storage; nothing was deleted
failure-local-storage-index-damaged = The list of what the storage on this computer holds is damaged: { $the-path }
failure-local-storage-index-damaged-advice = Check the disk and put { $the-path } back from a backup, or move its whole folder away to begin with an empty storage; nothing was deleted
failure-no-file-chooser = No file chooser is available on this system
failure-no-file-chooser-advice = Drag files onto the window, paste them, or install xdg-desktop-portal or zenity
failure-hand-over-unclear = The Bucketdrop that is running has not said whether it took this upload over
failure-hand-over-unclear-advice = Look for it among the transfers there, also after its next start; only if it is in neither, run the command again
failure-instance-silent = Another Bucketdrop runs, but does not answer
failure-instance-silent-advice = Wait a moment and try again, or end it if it has stopped responding: its uploads are kept
failure-no-program-for-file = { $the-path } could not be opened: no program is set for it
failure-no-program-for-file-advice = Open it from your file manager with a program of your choice
failure-no-browser = The link could not be opened: this computer has no browser set
failure-no-browser-advice = Copy the link and paste it into a browser, or choose a default browser in the system's settings
failure-sleep-refused = This computer did not let Bucketdrop put it to sleep
failure-sleep-refused-advice = Check the power settings, or put it to sleep by hand: all uploads have ended
failure-cancelled = Cancelled
failure-cancelled-advice = Nothing is left behind; start it again when you like
failure-internal = Something unexpected went wrong inside Bucketdrop
failure-internal-advice = Try again; if it happens again, report it with the details
