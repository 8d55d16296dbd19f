# Making things public: what stands in the way, and what is told afterwards.

failure-already-public = Anyone can read this already
failure-already-public-advice = Nothing was changed; copy the link and check it
failure-policy-unreadable = The policy of { $the-bucket } is written in a way that Bucketdrop does not understand
failure-policy-unreadable-advice = Nothing was changed; correct the policy in the service’s console, or hand out links that expire
failure-policy-cannot-name = The policy of { $the-bucket } cannot name a prefix with * or ? in it
failure-policy-cannot-name-advice = Nothing was changed; set the policy’s Version to 2012-10-17 in the service’s console, or rename the folder
failure-policy-too-long = The policy of { $the-bucket } would become longer than a bucket takes
failure-policy-too-long-advice = Nothing was changed; make the folder that holds it public instead, or shorten the policy in the service’s console
failure-policy-changed = The policy of { $the-bucket } was changed by somebody else in the meantime
failure-policy-changed-advice = Nothing was changed; look at the policy as it is now and decide again
failure-policy-refused = The service refused the new policy of { $the-bucket }
failure-policy-refused-advice = Nothing was changed; the service’s own words say which part it does not take
failure-sharing-unwritable = What was made public cannot be written down on this computer
failure-sharing-unwritable-advice = Nothing was made public, since it could not be taken back; make room on the disk or check the data folder
notice-sharing-still-open = The policy statement that was added here is gone, but another one still lets anyone read { $prefix } in { $bucket }
notice-sharing-older-versions = The newest versions in { $bucket } are closed again. Which versions had been opened was not written down: an older one may still open by its version ID
notice-sharing-damaged = The list of what was made public was damaged and moved to { $path }; a new one was begun. What was opened before can only be taken back in the service’s console
notice-sharing-unreadable = { $count ->
    [one] One entry of what was made public cannot be read
   *[other] { $count } entries of what was made public cannot be read
} ({ $path }). What was opened there can only be taken back in the service’s console; everything else is listed
notice-links-damaged = The list of links handed out was damaged and moved to { $path }; a new one was begun. The links themselves work as before
