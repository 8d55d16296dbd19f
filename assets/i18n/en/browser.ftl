# The main window: sidebar, path bar, object table, inspector, status bar, first start.
window-title = Bucketdrop
window-title-at = { $place } — Bucketdrop
starting = Starting…

first-start-title = Get files into S3
first-start-line = Drop files onto a bucket, watch them arrive, paste links that work
first-start-line-no-drop = Choose or paste files, watch them arrive, paste links that work
saved-connections = Saved connections
door-connect = Connect to S3
door-connect-detail = Amazon S3, Cloudflare R2, Backblaze B2, MinIO and others, with an access key
door-aws = Use an AWS profile on this computer…
door-aws-detail = Nothing is read from ~/.aws before you choose this
door-local = Try it on this computer
door-local-detail = A small S3 service inside this program: ready at once, no account needed

this-computer = This computer
service-this-computer = built-in storage
no-connection = Not connected
no-connection-detail = Choose a connection
connection-card = Connection { $name }, { $detail }, { $state }
connection-none = not connected
connection-opening = connecting
connection-good = connected
connection-not-asked = not asked yet
connection-refused = refused: { $reason }
connection-silent = does not answer
connection-bad = cannot be used
connection-from-command-line = From the command line
connection-from-command-line-at = From the command line · { $place }
connection-copy-name = { $name } copy
aws-default-profile = default profile
anonymous = without keys

buckets = Buckets
bucket-public = public files
bucket-public-hint = A link into this bucket was found to open for anyone
bucket-private = private
bucket-private-hint = No link into this bucket that was checked opens for anyone
buckets-not-listed = These keys may not list buckets
list-buckets-again = Try to list again
places = Places
place-rename = Rename…
place-up = Move up
place-down = Move down
place-remove = Remove
place-leads-to = { $place }
settings = Settings

upload = Upload
filter-hint = Filter this folder
breadcrumb-more = Folders above
breadcrumb-edit = Type a path
breadcrumb-no-bucket = No bucket chosen
path-field = Bucket and folder
path-wrong = Type a bucket, then a folder: bucket/folder/

table-columns = Columns
table-name = { $count ->
    [one] 1 row in { $place }
   *[other] { $number } rows in { $place }
}
column-name = Name
column-size = Size
column-modified = Modified
column-class = Class
column-edge = Width of the column { $column }
columns-usual-widths = Usual widths
column-access = Access
sorted-ascending = sorted, smallest first
sorted-descending = sorted, largest first
row-folder = folder
row-nameless = (no name)

menu-signed-link = Link that expires…
menu-copy-key = Copy key
menu-add-place = Add to places…
link-format-url = URL
link-format-markdown = Copy as Markdown
link-format-html = Copy as HTML
link-format-s3 = Copy S3 URI

choose-files-title = Files to upload
choose-folder-title = Folders to upload
choose-download-title = Folder to download into

loading-connection = Connecting…
loading-buckets = Loading buckets…
loading-folder = Loading…
loading-details = Loading details…
try-again = Try again
show-details = Details
name-a-bucket = Go to a bucket by name
no-buckets = No buckets yet
no-buckets-advice = A bucket is where files are kept
choose-bucket = { $count ->
    [one] 1 bucket
   *[other] { $number } buckets
}
empty-folder = This folder is empty
empty-folder-drop = Drop files here
empty-folder-advice = This folder is empty. Whole folders can be dropped, too
empty-folder-no-drop = Files cannot be dropped here on Wayland: choose them, or copy them in a file manager and paste them

note-reloading = Loading again; these are the rows from before
note-old-rows = these are the rows from before
note-cut-rows = { $count ->
    [one] only the first row is here
   *[other] only the first { $number } rows are here
}
load-the-rest = Load the rest
note-outdated = This folder has changed since it was listed
note-partial-sorted = { $count ->
    [one] Only the 1 row loaded so far is sorted
   *[other] Only the { $number } rows loaded so far are sorted
}
note-partial-filtered = { $count ->
    [one] Only the 1 row loaded so far is searched
   *[other] Only the { $number } rows loaded so far are searched
}
note-no-match = No name contains “{ $filter }”
note-no-match-partial = None of the rows loaded so far contains “{ $filter }”
clear-filter = Clear filter
note-loading-all = Loading all: { $number } rows so far
load-all = Load all
stop-loading = Stop

drop-items = { $count ->
    [one] 1 item
   *[other] { $number } items
}
drop-files = { $count ->
    [one] 1 file, { $size }
   *[other] { $number } files, { $size }
}
drop-files-in-part = { $count ->
    [one] More than 1 file, { $size }
   *[other] More than { $number } files, { $size }
}
drop-folders = { $count ->
    [one] 1 folder
   *[other] { $number } folders
}
drop-may-not-write = This key may not write here
drop-refused-before = The last upload here was refused; what is dropped is tried all the same
drop-no-keys = This connection has no keys to write with
drop-no-keys-tried = Few buckets take uploads from anyone; what is dropped is tried all the same
drop-elsewhere = What is dragged is not on this computer, but on the web or on a device: save or copy it here first
drop-withheld = This drag cannot be taken over: drop the folder that holds the files, or copy them and paste them here
drop-not-handed-over = The desktop does not hand this drag over as a drop. What it holds waits at the top of the window: choose “Upload here”
drop-partly-elsewhere = { $count ->
    [one] 1 item of this drag is not on this computer and is left out. The rest waits at the top of the window: choose “Upload here”
   *[other] { $number } items of this drag are not on this computer and are left out. The rest waits at the top of the window: choose “Upload here”
}
drop-here = Drop to upload
drop-public = Drop to upload as public; you are asked first
drop-public-place = Drop here to upload as public…
drop-keys = Drop to fill in the access key
drop-not-here = Nothing can be dropped here now
drop-no-connection = Connect first: choose one of the ways that are offered
drop-no-bucket = Open a bucket first
drop-connection-gone = This place’s connection was deleted
drop-opens-first = Drop to open { $connection } and upload
drop-dialog-open = Finish the open dialog first

handed-over-here = { $count ->
    [one] 1 item waits to be uploaded to { $place }
   *[other] { $number } items wait to be uploaded to { $place }
}
handed-over-nowhere = { $count ->
    [one] 1 item waits to be uploaded: open the folder it belongs in
   *[other] { $number } items wait to be uploaded: open the folder they belong in
}
handed-over-upload = Upload here
handed-over-public = Upload as public…
handed-over-drop = Forget them

inspector-nothing = Select an object to see its link
link-not-checked = Not checked
link-signed-for = Copied links are signed and work for { $span }
link-no-address = No public address
link-needs-domain = This service does not serve files from its S3 endpoint. Set your own domain in the connection, or copy a link that expires.
set-link-domain = Set a domain…
copy-url = Copy URL
copy-urls = { $count ->
    [one] Copy 1 URL
   *[other] Copy { $number } URLs
}
copy-as = Copy as…
copy-s3-uri = Copy S3 URI
open-in-browser = Open in browser
download = Download…
delete = Delete…
fact-key = Key
fact-checksum = Checksum
fact-encryption = Encryption
fact-cache-control = Caching
fact-content-encoding = Encoding
fact-content-disposition = Shown as
fact-version = Version
selected-items = { $count ->
    [one] 1 item selected
   *[other] { $number } items selected
}
count-folders = { $count ->
    [one] 1 folder
   *[other] { $number } folders
}
count-objects = { $count ->
    [one] 1 object
   *[other] { $number } objects
}

keys-in-keychain = Keys in the system keychain
keys-this-run-only = Keys for this run only
keys-no-keychain = No system keychain: keys can only be kept for this run
keys-aws-profile = Keys from AWS: { $profile }
keys-none = Without keys
status-selected = Selected: { $what }
status-so-far = { $what } so far
status-plain-http = Not encrypted: plain HTTP
status-this-computer = This computer only

notice-links-copied = { $count ->
    [one] Link copied
   *[other] { $number } links copied
}
notice-links-copied-some = { $count ->
    [one] 1 link copied; { $missing } without a public address
   *[other] { $number } links copied; { $missing } without a public address
}
notice-signed-copied = { $count ->
    [one] Signed link copied; it works until { $until }
   *[other] { $number } signed links copied; they work until { $until }
}
notice-keys-copied = { $count ->
    [one] Key copied
   *[other] { $number } keys copied
}
notice-address-copied = Address copied
notice-uploaded = { $count ->
    [one] 1 file uploaded
   *[other] { $number } files uploaded
}
notice-restored = { $count ->
    [one] 1 file ({ $size }) from last time goes on
   *[other] { $number } files ({ $size }) from last time go on
}
notice-restored-waits = { $count ->
    [one] 1 file ({ $size }) from last time is not uploaded yet
   *[other] { $number } files ({ $size }) from last time are not uploaded yet
}
notice-restored-folders = Folders from last time are read again, and their upload goes on
notice-shown-not-run = “{ $name }” may be a program, so it was not opened but shown in its folder
notice-downloaded = { $count ->
    [one] 1 file downloaded
   *[other] { $number } files downloaded
}
notice-nothing-to-paste = The clipboard holds neither files nor an image: copy some first
paste-image-name = Pasted image { $date } at { $time }
notice-no-such-connection = There is no connection called “{ $name }”
notice-local-keys-this-run = No system keychain: this computer’s storage has new keys for this run. The files stay; links signed earlier no longer open
notice-local-keys-locked = The keychain is locked, so this computer’s storage has new keys for this run. Unlock it and restart: links signed earlier open again
notice-secret-perhaps-left = The connection is deleted. There is no keychain here now: one that was used earlier may still hold its secret
notice-local-keys-silent = The keychain does not answer, so this computer’s storage has new keys for this run. Look for a window that asks for its password, then restart: links signed earlier open again
notice-local-keys-failed = The keychain could not be read or written, so this computer’s storage has new keys for this run. Links signed earlier open again once it works
notice-settings-open-to-others = Other users of this computer can change { $path }, and so send your files elsewhere. Make the file yours alone: run chmod 600 on it in a terminal
notice-local-port-changed = Another program took the port of this computer’s storage, so a new one was chosen. Links copied earlier no longer open
notice-connection-works = The connection works

no-display = No display can be reached, so the window cannot be shown. Files can be uploaded from the command line, for example:
no-display-of-option = { $missing } cannot be reached, which --display asks for; { $there } is there. Start with --display auto to use it. Files can also be uploaded from the command line, for example:
no-display-of-setting = { $missing } cannot be reached, which the settings ask for; { $there } is there. Start with --display auto to use it, then change “Display” in the settings. Files can also be uploaded from the command line, for example:
no-window = The window could not be opened: { $reason }
already-running = Bucketdrop is running already; its window takes over

notice-left-out = { $count ->
    [one] 1 item was left out
   *[other] { $number } items were left out
}
notice-skipped = { $count ->
    [one] 1 file was skipped: “Done” says why
   *[other] { $number } files were skipped: “Done” says why
}
notice-left-out-and-skipped = Left out: { $left-out }. Skipped: { $skipped }, “Done” says why
notice-stays-open = Bucketdrop stays open, since some transfers failed
notice-transfers-failed = { $count ->
    [one] 1 transfer failed
   *[other] { $number } transfers failed
}
show-left-out = Show which and why
queue-show-left-out = Show what was left out
note-partial-selected = { $count ->
    [one] Only the 1 loaded row is selected
   *[other] Only the { $number } loaded rows are selected
}
note-selected-to-last = The selection ends at the last row loaded so far
note-selected-missed = { $count ->
    [one] { $selected } selected; 1 row loaded since is not
   *[other] { $selected } selected; { $number } rows loaded since are not
}
status-selected-so-far = Selected so far: { $what }
status-http-here = HTTP · this computer
status-show-details = Show details
