# The connection editor.

connection-new-title = New connection
connection-edit-title = Edit connection
connection-tab-access-key = Access key
connection-tab-aws-profile = AWS profile
connection-tab-anonymous = Anonymous

connection-name = Name
connection-name-hint = What you want to call it
connection-service = Service
connection-service-other = MinIO or another S3 service
connection-service-this-computer = This computer
connection-endpoint = Endpoint
connection-endpoint-plain-http = This address is not encrypted: files and links can be read on the way
connection-region = Region
connection-region-find = Find a region, or type its code
connection-region-automatic = Automatic
connection-region-usual = The usual one
connection-region-default = The service’s default
connection-region-of-profile = The profile’s own
connection-access-key-id = Access key ID
connection-secret = Secret access key
connection-secret-show = Show while held
connection-secret-kept = Leave empty to keep the saved one
connection-secret-place = Kept in the system keychain, never in a file. You can also drop the credentials.csv that IAM gave you here, or paste its text.
connection-secret-place-other = Kept in the system keychain, never in a file.
connection-secret-no-keychain = { $why }. The secret can be kept in memory until you quit, never in a file.
connection-key-file-empty = No access key was found in this file. The credentials.csv of IAM and ~/.aws/credentials can be read.
connection-buckets = Buckets
connection-buckets-hint = All that the key may list, or: bucket, bucket/folder
connection-buckets-hint-anonymous = bucket or bucket/folder, separated by commas
connection-anonymous-note = Nothing is signed, so only what is open to everyone can be seen. Name the buckets below.
connection-more = More options
connection-less = Fewer options
connection-session-token = Session token
connection-session-token-hint = Only with temporary keys
connection-addressing = Addressing
connection-addressing-auto = Automatic
connection-addressing-path = Path: host/bucket/key
connection-addressing-virtual-host = Virtual host: bucket.host/key

connection-payer = Costs
connection-payer-requester = I pay where the owner of a bucket does not
connection-payer-note = For buckets whose users pay (requester pays): requests, uploads and downloads there are charged to the account of this key. Other buckets cost what they always do.

connection-profile = Profile
connection-profile-chain = Default: environment, then the default profile
connection-profiles-reading = Reading the profiles of this computer…
connection-profiles-none = No profile was found in ~/.aws; keys of the environment can still be used
connection-profile-source = From ~/.aws and the environment, read again each time you connect; nothing is copied. Profiles with single sign-on work after “aws sso login”.

connection-ca-file = CA file
connection-ca-file-hint = Only for a server of your own certificate authority
connection-ca-file-choose = Choose a CA file…
choose-ca-file-title = File of certificate authorities (PEM)
connection-ca-file-note = This connection trusts the authorities in that file (PEM) besides those of this computer. Whoever gets a link and does not trust them is warned by their browser.

connection-key-command = Let the profile run its command
connection-key-command-note = Only if the profile has a credential_process. The command that stands there is run with your rights.

connection-test = Test
connection-testing = Testing the connection…
connection-save = Save and connect
connection-saving = Saving…
connection-try-again = Try again
connection-keychain-waiting = Waiting for the system keychain. It may be asking for your password in another window.
connection-this-run = Use for this run only
connection-this-run-meaning = Without a keychain the secret can stay in memory: it works now and is gone when you quit.

connection-problem-name = Give the connection a name
connection-problem-endpoint-empty = This service needs the address it is reached at
connection-problem-endpoint-not-a-url = This is not a web address such as https://s3.example.com:9000
connection-problem-endpoint-scheme = The address must start with https:// or http://
connection-problem-endpoint-extras = Only the address of the service, without a user name and without anything after “?” or “#”
connection-problem-endpoint-holds-bucket = This address holds a bucket, which would get into every key: leave it out here, and name it below under “Buckets”
connection-problem-region = A region is lower-case letters, digits and hyphens, such as ap-northeast-2; with “MinIO or another S3 service” also capitals and “_”
connection-problem-access-key-id = Enter the access key ID
connection-problem-secret = Enter the secret that belongs to this access key ID
connection-problem-ca-file = Enter the whole path of the file, from its root on
connection-problem-scope = Entry { $number } is not a bucket or bucket/folder

connection-test-reached = Reached { $host }
connection-test-clock-agrees = Clock agrees
connection-test-clock-differs = Your clock is off by { $minutes } min. Set it to automatic: S3 refuses requests from 15 min on
connection-test-signed-in = Signed in as { $key }
connection-test-buckets-listed = { $count ->
    [one] May list buckets: 1 found
   *[other] May list buckets: { $number } found
}
connection-test-bucket-reached = May list { $scope }
connection-test-may-not-list = May not list all buckets: name the bucket to use, or copy the IAM policy that would allow it
connection-test-may-not-list-but-named = May not list all buckets; the ones you named are used
connection-test-copy-policy = Copy policy
connection-test-old = Changed since this test

connection-in-use-title = Transfers still go through this connection
connection-in-use-why = With these changes, its requests go to another place, where a bucket of the same name may be somebody else’s
connection-in-use-follow-meaning = Let them follow: what waits goes to the new place from now on. What runs ends where it began.
connection-in-use-cancel-meaning = Cancel them: they stop, failed ones leave the list, and nothing of them is sent to the new place.
connection-in-use-back = Go back
connection-in-use-follow = Save and let them follow
connection-in-use-cancel = { $count ->
    [one] Save and cancel 1 transfer
   *[other] Save and cancel { $number } transfers
}

region-b2-us-west-000 = US West
region-b2-us-west-001 = US West
region-b2-us-west-002 = US West
region-b2-us-west-004 = US West
region-b2-us-east-005 = US East
region-b2-eu-central-003 = EU Central
region-wasabi-us-east-1 = N. Virginia
region-wasabi-us-east-2 = N. Virginia
region-wasabi-us-west-1 = Oregon
region-wasabi-eu-central-1 = Amsterdam
region-wasabi-ap-northeast-1 = Tokyo
region-wasabi-ap-southeast-1 = Singapore
region-spaces-nyc3 = New York
region-spaces-sfo3 = San Francisco
region-spaces-ams3 = Amsterdam
region-spaces-fra1 = Frankfurt
region-spaces-sgp1 = Singapore
region-spaces-syd1 = Sydney
region-us-east-1 = N. Virginia
region-us-east-2 = Ohio
region-us-west-1 = N. California
region-us-west-2 = Oregon
region-ap-northeast-2 = Seoul
region-ap-northeast-1 = Tokyo
region-ap-northeast-3 = Osaka
region-ap-east-1 = Hong Kong
region-ap-south-1 = Mumbai
region-ap-southeast-1 = Singapore
region-ap-southeast-2 = Sydney
region-ap-southeast-3 = Jakarta
region-ca-central-1 = Central Canada
region-eu-central-1 = Frankfurt
region-eu-central-2 = Zurich
region-eu-north-1 = Stockholm
region-eu-south-1 = Milan
region-eu-south-2 = Spain
region-eu-west-1 = Ireland
region-eu-west-2 = London
region-eu-west-3 = Paris
region-me-central-1 = UAE
region-me-south-1 = Bahrain
region-il-central-1 = Tel Aviv
region-af-south-1 = Cape Town
region-sa-east-1 = São Paulo
region-us-gov-west-1 = GovCloud US-West
region-us-gov-east-1 = GovCloud US-East
region-cn-north-1 = Beijing
region-cn-northwest-1 = Ningxia
