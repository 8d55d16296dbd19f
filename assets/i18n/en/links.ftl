# Links that were checked: what happens to whoever opens them, why, and what can be done.

# In a word or two, for badges.
verdict-public = Public
verdict-public-signed = Opens until it expires
verdict-opens-over-tls = Opens by a redirect
verdict-only-this-computer = Opens on this computer only
verdict-only-this-network = Opens on this network only
verdict-only-from-here = Opens from here
verdict-only-through-proxy = Opens through your proxy
verdict-other-content = Shows something else
verdict-only-at-origin = Not through the domain
verdict-private = Private
verdict-private-answers = Private — this link answers { $status }
verdict-archived = Archived
verdict-archived-answers = Archived — this link answers { $status }
verdict-expired = Expired
verdict-refused = Refused
verdict-refused-answers = Refused — this link answers { $status }
verdict-deleted = Deleted
verdict-missing = Missing
verdict-not-found = Not found
verdict-not-found-answers = Not found — this link answers { $status }
verdict-untrusted-certificate = Certificate not trusted
verdict-bad-certificate = Certificate does not fit
verdict-no-such-host = No such host
verdict-redirects = Leads elsewhere
verdict-no-address = No public address
verdict-unknown = Could not be checked

# The same for the table's column and the transfers, where there is little room.
chip-public = Public
chip-opens = Opens
chip-over-tls = Redirect
chip-only-here = Only here
chip-private = Private
chip-not-found = Not found
chip-broken = Broken
chip-unknown = Unknown

# One sentence each.
verdict-says-public = It opens for anyone
verdict-says-public-signed = It opens for anyone who has it, until it expires
verdict-says-opens-over-tls = It opens only after a redirect to { $origin }: hand out the link that begins with that
verdict-says-only-this-computer = It leads to this computer: nobody else can open it
verdict-says-only-this-network = It opens from here, but its host is on a private network: others may not reach it
verdict-says-only-through-proxy = It opens from here, through a proxy. This computer cannot tell where its host is: others may not reach it
verdict-says-only-from-here = It opens from here, but the bucket is not public: perhaps only your network may read it
verdict-says-other-content = Something opens, but not this object: an old copy, or an error page
verdict-says-only-at-origin = It opens at the bucket, but not through your domain: a CDN may still hold an older refusal
verdict-says-private-blocked = Strangers are refused: public access is blocked at the bucket
verdict-says-private-perhaps-blocked = Strangers are refused, although a policy or an access control list opens it: perhaps public access is blocked at the account
verdict-says-private-opens-for-some = Strangers are refused from here: the bucket’s policy lets only some read it, under conditions such as an address range
verdict-says-private-policy-may-deny = Strangers are refused: a statement of the bucket’s policy may deny it, under conditions such as an address range
verdict-says-private = Strangers are refused: the object is there, and private
verdict-says-private-nothing-opens-it = Strangers are refused: neither a policy nor an access control list opens it
verdict-says-private-or-missing = Strangers are refused: the object is private, or it is not there
verdict-says-private-encrypted = Strangers are refused: the object is encrypted with a key that only signed requests may use
verdict-says-private-archived = It cannot be read now: the object is in an archive and has to be restored first
verdict-says-private-requester-pays = Strangers are refused: whoever reads it needs keys and pays for the request
verdict-says-private-other-owner = Strangers are refused: the object belongs to another account, which the bucket’s policy does not cover
verdict-says-private-policy-denies = Strangers are refused: a statement of the bucket’s policy denies it
verdict-says-private-keys-may-not-read = It is refused: the keys that signed it may not read the object
verdict-says-private-denied-to-keys = It is refused: a policy denies it to the keys that signed it
verdict-says-private-wrong-signature = It is refused: its signature does not fit. The secret key is wrong, or the link was changed
verdict-says-private-wrong-clock = It is refused because of its date: the clock of this computer or of the server is wrong
verdict-says-private-expired = Its time is over
verdict-says-private-never-served-here = This service never serves its S3 endpoint to strangers: set your own domain
verdict-says-private-domain-refuses = The domain itself refuses strangers: opening the bucket would not change that
verdict-says-not-found-wrong-address = The object is there, but not at this address: the domain or its path is wrong
verdict-says-not-found-cached = The object is there, but a cache in front of it says that it is not: that answer may be older than the object. Check again later
verdict-says-not-found-deleted = The object was deleted: its newest version is a delete marker
verdict-says-not-found-missing = The object is not there
verdict-says-not-found-no-such-bucket = There is no such bucket at this host: another region or account
verdict-says-not-found = There is nothing at this address
verdict-says-bad-certificate = The certificate is for another host or not valid at this time, so browsers warn instead of opening it
verdict-says-untrusted-certificate = The certificate is signed by an authority that computers do not trust by themselves: whoever has not added it is warned by their browser instead
verdict-says-no-such-host = There is no such host: check the domain of the connection
verdict-says-redirects = It leads to another host, { $host }, which was not followed
verdict-says-redirects-within = It leads to another page of the same host, such as one for signing in, which was not followed
verdict-says-needs-domain = This service needs your own domain for public links
verdict-says-directory-bucket = Directory buckets are never public
verdict-says-multi-region = A multi-Region access point serves no request without a signature of its own kind (SigV4A), which Bucketdrop cannot make: share the object from one of its buckets
verdict-says-dot-segment = No browser can open this key: one of its parts is “.” or “..”
verdict-says-no-address = There is no public address
verdict-says-unknown-timeout = Not checked: no answer in time
verdict-says-unknown-unreachable = Not checked: the host cannot be reached
verdict-says-unknown-server-error = Not checked: the server is busy or broken
verdict-says-unknown-another-answered = Not checked: something else answered in the storage’s place, perhaps the login page of this network
verdict-says-unknown-odd-answer = Not checked: the answer says nothing about this object
verdict-says-unknown-not-proven = It answers, but nothing shows that it is this object

# What each layer says, for “Why”.
layer-block-not-blocked = Block Public Access lets policies open objects
layer-block-new-policies = Block Public Access refuses new public policies; present ones hold
layer-block-new-acls = Block Public Access refuses new public access control lists
layer-block-acls-ignored = Block Public Access ignores public access control lists
layer-block-strangers = Block Public Access keeps strangers out, whatever the policy says
layer-block-all = Block Public Access is fully on
layer-ownership-off = The bucket turns access control lists off (bucket owner enforced)
layer-ownership-here = The object belongs to the bucket’s owner
layer-ownership-elsewhere = The object belongs to another account: the bucket’s policy does not cover it
layer-ownership-on = The bucket lets access control lists count
layer-policy-none = There is no bucket policy, so none lets anyone read this object
layer-policy-opens = The bucket policy lets anyone read this object
layer-policy-does-not-open = No statement of the bucket policy lets anyone read this object
layer-policy-denies = A statement of the bucket policy denies reading this object
layer-policy-some = The bucket policy lets only some read it, under conditions such as an address range
layer-policy-may-deny = A statement of the bucket policy denies it to some, under conditions such as an address range
layer-policy-broken = The bucket policy cannot be read: it is not valid JSON
layer-acl-opens = The object’s access control list lets anyone read it
layer-acl-does-not-open = The object has no public access control list
layer-acl-no-lists = The service has no access control lists of objects
layer-encryption-plain = Its encryption keeps nobody out
layer-encryption-kms = Encrypted with KMS: such objects only open for signed requests
layer-encryption-customer = Encrypted with a key that the uploader keeps: such objects never open for strangers
layer-class-at-hand = Its storage class can be read at once
layer-class-archived = Its storage class is an archive: it has to be restored first
layer-pays-owner = The bucket’s owner pays for requests
layer-pays-readers = Whoever reads it needs keys and pays for the requests
layer-version-current = Its newest version is there
layer-version-deleted = Its newest version is a delete marker
layer-unknown-block = Block Public Access: your keys may not look
layer-unknown-ownership = Object ownership: your keys may not look
layer-unknown-policy = Bucket policy: your keys may not look
layer-unknown-acl = Access control list of the object: your keys may not look
layer-unknown-encryption = Encryption: your keys may not look
layer-unknown-class = Storage class: your keys may not look
layer-unknown-pays = Who pays for requests: your keys may not look
layer-unknown-version = Versions: your keys may not look
layer-not-asked = { $layer }: no answer, or the service does not know the question

# The link card.
link-checking = Being checked…
link-checked-at = checked { $time }, no sign-in
link-check-again = Check again
link-check-now = Check now
link-copy-https = Copy https link
link-why = Why
link-why-asking = Finding out why…
link-ways = Ways to share it
link-qr = QR code
link-all-layers = Show all { $number } layers
link-fewer-layers = Show fewer layers
link-region-not-learnt = Link not verified: nobody has said in which region the bucket is
link-region-strange = Link not verified: the region { $region } is not known, so its host name is a guess
way-expiring = Copy a link that expires…
way-prefix = Make { $prefix } public…
way-bucket = Make the whole bucket public…
way-object = Make this object public…
way-domain = Use a CDN domain…
way-restore = Restore it from the archive first: in the AWS console choose “Initiate restore”, or run aws s3api restore-object
way-take-over = Upload it again with keys of the bucket’s account, or set the bucket’s Object Ownership to “Bucket owner enforced”: then its policy covers this object, too
way-re-encrypt = Upload it again with SSE-S3 encryption, for example by bucketdrop-cli upload --sse AES256 --on-conflict overwrite: with KMS no link without a signature can open

# Copied links, in the message about them: what was copied, and what is known of it.
notice-links-and = { $told }
    { $state }
notice-not-public = { $title }
    { $why }
    { $advice }
public-nothing-refuses = – No setting that your keys may read refuses it: the account may block it
links-state-checking = Being checked…
links-state-checking-many = Being checked: { $checked } of { $asked }…
links-state-all-open = { $checked } of { $total } checked, all open for anyone
links-state-some-bad = { $checked } of { $total } checked, { $bad } of them not open to everyone. First: { $name }. { $why }
links-state-some-unknown = { $checked } of { $total } checked, { $bad } could not be checked
links-state-redirected = { $checked } of { $total } checked, { $bad } of them open by a redirect only. First: { $name }. { $why }
links-state-only-here = { $checked } of { $total } checked, { $bad } of them known to open from here only. First: { $name }. { $why }
links-state-this-computer = They open on this computer only
links-state-failed = Not checked: { $reason }
links-check-all = Check all
links-check-stop = Stop checking
links-replaced = Signed links took their place, since strangers are refused
links-elsewhere = What was copied leads elsewhere: the object was found at another address
links-put-right = It led elsewhere: the address at which the object was found took its place
links-region-known = The bucket is in another region: the address there took its place
links-copy-right = Copy the right address
links-copy-signed = Copy signed links

# Opening things for anyone.
dialog-share-title-prefix = Make { $prefix } public?
dialog-share-title-bucket = Make all of { $bucket } public?
dialog-share-title-objects = { $count ->
    [one] Make this object public?
   *[other] Make { $number } objects public?
}
dialog-share-planning = Working out what would change…
dialog-share-who-prefix = { $count ->
    [one] Anyone on the internet will be able to read { $place }, 1 object now, and whatever is uploaded there later.
   *[other] Anyone on the internet will be able to read { $place }, { $number } objects now, and whatever is uploaded there later.
}
dialog-share-who-prefix-more = Anyone on the internet will be able to read { $place }, more than { $number } objects now, and whatever is uploaded there later.
dialog-share-who-prefix-local = { $count ->
    [one] Anyone who can reach this computer’s storage, that is programs on this computer, will be able to read { $place }, 1 object now, and whatever is uploaded there later.
   *[other] Anyone who can reach this computer’s storage, that is programs on this computer, will be able to read { $place }, { $number } objects now, and whatever is uploaded there later.
}
dialog-share-who-prefix-more-local = Anyone who can reach this computer’s storage, that is programs on this computer, will be able to read { $place }, more than { $number } objects now, and whatever is uploaded there later.
dialog-share-who-objects-local = { $count ->
    [one] Anyone who can reach this computer’s storage, that is programs on this computer, will be able to read 1 object of { $bucket }. Other objects stay as they are.
   *[other] Anyone who can reach this computer’s storage, that is programs on this computer, will be able to read { $number } objects of { $bucket }. Other objects stay as they are.
}
dialog-share-who-objects = { $count ->
    [one] Anyone on the internet will be able to read 1 object of { $bucket }. Other objects stay as they are.
   *[other] Anyone on the internet will be able to read { $number } objects of { $bucket }. Other objects stay as they are.
}
dialog-share-nothing-else = Nobody gets to list, change or delete anything.
dialog-share-statement = This statement is added to the policy of { $bucket }:
dialog-share-statement-new = { $bucket } has no policy yet. It gets one with this statement:
dialog-share-acl = Each object gets the access control list “public-read”. The bucket’s policy is not touched.
dialog-share-kept = What is in the policy now stays as it is. The change can be taken back.
dialog-share-already = The policy of the bucket already lets anyone read { $place }
dialog-share-already-more = There is nothing to change.
dialog-share-already-blocked = Strangers are kept out all the same:
dialog-share-blocked = Strangers will be kept out all the same, or the change will be refused:
dialog-share-show-after = Show the whole policy
dialog-share-hide-after = Hide the whole policy
dialog-share-understood = I want anyone to be able to read this
dialog-share-apply = Make public
dialog-share-no-way-back = The request is on its way and cannot be stopped any more. Once it is done, it can be taken back.
dialog-share-unsure = It is not known whether the change was made: { $place } may be public now
dialog-share-unsure-kept = It is kept among the changes that can be taken back. Look again, or take it back to be safe.
dialog-share-looking = Looking whether the change was made…
dialog-share-undoing = Taking it back…
dialog-share-look = Look again
dialog-share-undo = Take it back
dialog-share-applying = Making it public…
blocked-block = Block Public Access of the bucket is on. Turn it off in the AWS console if this bucket is meant to be public
blocked-ownership = The bucket turns access control lists off
blocked-policy = A statement of the policy denies it
blocked-acl = The object’s access control list stays closed
blocked-encryption = Objects encrypted with KMS never open for strangers
blocked-class = Archived objects have to be restored first
blocked-pays = Whoever reads it needs keys and pays for the requests
blocked-version = Deleted objects stay deleted
notice-shared-all = { $count ->
    [one] The bucket took the change: { $place }. Opened: the one that was tried opens for anyone
   *[other] The bucket took the change: { $place }. Opened: all { $number } that were tried open for anyone
}
notice-shared-some = { $count ->
    [one] The bucket took the change: { $place }. 1 of { $tried } tried opens for anyone
   *[other] The bucket took the change: { $place }. { $number } of { $tried } tried open for anyone
}
    { $why }
notice-share-checking = The bucket took the change: { $place }. Trying it as a stranger…
notice-share-but = The bucket took the change: { $place }
    { $why }
notice-share-not-checked = The bucket took the change: { $place }. Nothing is there yet that a stranger could try
notice-share-undone = Taken back: strangers get nothing through that change any more
share-undo = Undo

# A link that expires.
dialog-link-checked-good = Checked: it opens

# Let someone upload.
dialog-invite-title = Let someone upload here
dialog-invite-what = Whoever gets the address can upload one file to { $place }, without keys.
dialog-invite-name = File name
dialog-invite-name-hint = report.pdf
dialog-invite-name-missing = The file needs a name
dialog-invite-size = Exact size
dialog-invite-size-hint = any size, or for example 2,048 bytes
dialog-invite-size-wrong = A number of bytes, such as 2048
dialog-invite-type = Type
dialog-invite-type-hint = any type, or for example image/png
dialog-invite-type-wrong = A type such as image/png
dialog-invite-life = Works for
dialog-invite-often = Whoever has the address can use it until it ends.
dialog-invite-once = The address works until it ends, for one upload: what is there by then stays as it is.
dialog-invite-overwrites = The address works until it ends, however often: each upload replaces the one before.
dialog-invite-sign = Make address
dialog-invite-copy-url = Copy address
dialog-invite-copy-curl = Copy curl command
dialog-invite-ready = Ready. Works until { $end }
dialog-invite-headers = The upload has to send these headers as they are:
dialog-invite-keys-end = Your keys end earlier than you chose: it works for { $life }
notice-invite-copied = Upload address copied: whoever has it can upload until it ends
notice-curl-copied = curl command copied: put the file’s name in place of FILE

# QR code.
dialog-qr-title = QR code
dialog-qr-name = QR code of { $address }
dialog-qr-too-long = The address is too long for a QR code
dialog-qr-not-public = Not public: whoever scans this gets no file. { $why }
dialog-qr-not-checked = Not checked yet: it may not open
dialog-qr-signed = A link that expires: signed for anyone who scans it, until { $end }
dialog-qr-use-signed = Use a link that expires

# What was handed out.
dialog-history-title = Links given out
dialog-history-links = { $count ->
    [one] 1 link
   *[other] { $number } links
}
dialog-history-changes = Made public
dialog-history-empty = Links that you copy are listed here, with what is known of them.
dialog-history-asking = Being read…
dialog-history-signed-until = Link that expires, until { $end }
dialog-history-signed-over = Link that expires, over since { $end }
dialog-history-invited = For an upload
dialog-history-invited-until = Address for an upload, until { $end }
dialog-history-invited-over = Address for an upload, over since { $end }
dialog-history-not-checked = Not checked
dialog-history-recheck = Check { $name } again
dialog-history-copy = Copy the link of { $name } again
dialog-history-undo = Undo: { $place }
dialog-history-undone = Taken back { $time }
dialog-history-made = Made public { $time }
dialog-history-change-prefix = { $place }
dialog-history-change-objects = { $count ->
    [one] 1 object of { $bucket }
   *[other] { $number } objects of { $bucket }
}
dialog-history-clear = Clear list…
dialog-history-clear-sure = Forget all links of this list? The links themselves stay as they are. What was made public stays listed, so that it can be taken back.
dialog-history-clear-yes = Clear the list
dialog-history-kept = The list holds no signature: a link that expires cannot be copied from here.

# Uploading as public.
dialog-upload-public-title = { $count ->
    [one] Upload 1 file as public?
   *[other] Upload { $number } files as public?
}
dialog-upload-public-counting = Counting files… { $number } so far
dialog-upload-public-counting-title = Upload as public?
dialog-upload-public-who = { $count ->
    [one] Anyone on the internet will be able to read the file in { $place } of the bucket { $bucket }.
   *[other] Anyone on the internet will be able to read these { $number } files in { $place } of the bucket { $bucket }.
}
dialog-upload-public-how = It is done in the way that the bucket allows. If it refuses, the files are uploaded all the same and stay private, and you are told why.
dialog-upload-public-button = Upload as public
dialog-upload-private-button = Upload as the bucket has it

# Settings.
settings-copy-fallback = If they do not open
settings-copy-fallback-never = Leave them and say so
settings-copy-fallback-signed-link = Copy signed links instead
settings-copy-fallback-note = Signed links expire. With temporary keys they contain the session token of those keys

# Commands.
command-check-link = Check link again
command-qr-code = QR code…
command-make-public = Make public…
command-invite-upload = Let someone upload here…
command-link-history = Links given out…
command-upload-public = Upload files as public…
command-paste-public = Paste files as public…
command-keywords-check-link = verify probe doctor
command-keywords-make-public = share policy acl
command-keywords-invite-upload = presigned put request file
command-keywords-link-history = shared links undo history
choose-public-files-title = Files to upload as public
