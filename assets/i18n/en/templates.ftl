# Own domains in the connection editor, and the forms that links are copied in.

connection-addressing-dual-stack = Automatic, over IPv4 and IPv6
templates-title = Link domains
templates-none = Links lead to the service itself. If a CDN or a domain of yours serves the files, add its address.
templates-how = { "{scheme}" } { "{host}" } { "{bucket}" } { "{key}" } { "{region}" } can stand in an address. A plain address is followed by the key; for all buckets, by bucket and key. The most specific entry holds.
templates-place = Bucket or folder
templates-pattern = Address
templates-drop = Drop from key
templates-place-hint = all buckets
templates-place-of = Bucket or folder of entry { $number }
templates-pattern-of = Address of entry { $number }
templates-drop-of = Prefix that entry { $number } drops from the key
templates-add = Add an address
templates-remove = Remove entry { $number }
templates-example = Example object
templates-example-note = The addresses above are those of this object. A test asks for it without any keys.
templates-example-elsewhere = The example object is not served by this entry; this is where one would be.
templates-test = Test entry { $number }
templates-testing = Asking without keys…

templates-problem-place = This is not a bucket or bucket/folder
templates-problem-empty = An address is missing, such as https://cdn.example.com/{ "{key}" }
templates-problem-not-a-url = This is not a web address
templates-problem-scheme = Addresses of links start with http:// or https://
templates-problem-user-info = Everyone who gets the link would see this user name or password; take it out
templates-problem-fragment = What follows # never reaches a server; take it out
templates-problem-missing-key = { "{key}" } is missing: put it after the host, where the key belongs
templates-problem-unknown-placeholder = In braces there can only be { "{scheme}" }, { "{host}" }, { "{bucket}" }, { "{key}" } and { "{region}" }

templates-no-address-domain = Without keys, nobody gets anything from this service’s S3 endpoint: public links need a domain
templates-no-address-directory = Directory buckets are never public
templates-no-address-multi-region = A multi-Region access point serves no request without a signature of its own kind (SigV4A)
templates-no-address-dots = No browser can open this key: one of its parts is “.” or “..”

templates-note-internal = This host can only be reached from here, not from the internet
templates-note-website = A website address of a bucket: not secure, and with rules of its own for folders and missing pages
templates-note-plain-http = Not secure: everyone on the way can read what is sent
templates-note-old-form = An old form of Amazon’s addresses, which newer regions do not serve
templates-note-rate-limited = r2.dev is for trying out: it answers only a few requests a second
templates-note-china = In China this address may not open without an ICP registration
templates-note-slashes = Some proxies and CDNs fold “//” into “/”: behind one, this link leads elsewhere
templates-note-control = The key holds control characters: some programs cut such a link

link-format-bbcode = Copy as BBCode
link-format-arn = Copy ARN
link-format-aws-cli = Copy AWS CLI command
link-format-template = Copy in your own form
command-copy-bbcode = Copy as BBCode
command-copy-arn = Copy ARN
command-copy-aws-cli = Copy AWS CLI command
command-copy-template = Copy in your own form
settings-link-format-bbcode = BBCode
settings-link-format-arn = ARN
settings-link-format-aws-cli = AWS CLI command
settings-link-format-template = Your own form
settings-link-template = Your own form
settings-link-template-note = { "{url}" } { "{name}" } { "{key}" } { "{bucket}" } { "{s3}" } { "{arn}" } are filled in as they are

no-address-domain-advice = Add a domain to a saved connection, or use --expires for a link that expires
no-address-directory-advice = Use --expires for a link that expires
no-address-multi-region-advice = Link to the object in one of its buckets; links that expire cannot be made for it either
no-address-dots-advice = Upload it under another key
