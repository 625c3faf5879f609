### Countersign, English.
### British dates, full sentences, no exclamation marks. The same keys as every other language.

## Dates and periods; the parts come from ICU's data.

date = { $weekday }, { $day }
time-with-minutes = { $time }
moment = { $date }, { $time } ({ $zone })
period-years = { $count ->
    [one] { $count } year
   *[other] { $count } years
}
period-months = { $count ->
    [one] { $count } month
   *[other] { $count } months
}
period-weeks = { $count ->
    [one] { $count } week
   *[other] { $count } weeks
}
period-days = { $count ->
    [one] { $count } day
   *[other] { $count } days
}

### Pages

## Every page

page-skip = Skip to the content
page-no-password = You will never be asked for a password here. If a page asks you for one, close it.
page-independent = This site is for answering a partner's invitation. It is not run by Microsoft.
page-partner = Partner
page-company = Company
page-representative = Representative
page-registration = Registration number
page-address = Address
page-phone = Phone
page-email = Email
page-organization = Your organization
page-recipient = Sent to
page-person = { $name }
page-answer-by = Please answer by
page-version = Version
page-language = Language
page-language-ko = Korean
page-language-en = English
page-document = Agreement
page-relationship = Partner relationship
page-roles = Delegated administrator roles
page-privileged = Highly privileged
page-until = For how long
page-until-expected = { $period }, expected until { $date }
page-optional = (optional)

## The invitation

page-accept-title-both = Accept agreement and authorize partner
page-accept-title-partner = Authorize partner
page-accept-title-agreement = Accept the Microsoft Customer Agreement
page-accept-lede-both = { $partner } asks to become a partner of { $organization }, and for your consent to the Microsoft Customer Agreement. Please read what follows, then accept or decline.
page-accept-lede-partner = { $partner } asks to become a partner of { $organization }. Please read what follows, then authorize or decline.
page-accept-lede-agreement = { $partner } asks { $organization } to accept the Microsoft Customer Agreement. Until then the partner cannot buy or manage subscriptions for you.
page-accept-button-both = Accept & authorize
page-accept-button-partner = Authorize partner
page-accept-button-agreement = Accept
page-ways = On this page
page-way-accept = Confirm and sign
page-way-decline = Decline
page-way-print = Print view for internal approval
page-who = Who is asking
page-who-hint = If you do not know this company, decline. To make sure, contact it through details that you already have.
page-note = A note from the partner
page-note-by = { $author }, { $partner }
page-asked = What is asked for
page-roles-lede = People at the partner will be able to do the following in your organization's Microsoft 365.
page-until-hint = Microsoft counts from the day on which it activates the roles. The date assumes that this is today.
page-ending = If you want to end it later
page-ending-roles = You can remove the administrator roles at any time in the Microsoft 365 admin center, under Billing > Billing accounts > Partner relationships, with “Remove admin roles”. The partner relationship stays.
page-ending-delete = You can end the relationship yourself in the admin center, in the same place, with “Delete partner”.
page-ending-contact = To end the relationship, contact the partner.
page-agreement = Microsoft Customer Agreement (MCA)
page-agreement-lede = Open the link and read the whole agreement.
page-agreement-version = Version { $version }
page-agreement-microsoft = View the agreement on Microsoft's site
page-agreement-changed-title = The agreement has a new version
page-agreement-changed-text = It changed after you opened this page. Nothing has been recorded yet: please read the new version and confirm again.
page-sign = Confirm and sign
page-box-read = I have read and understood the agreement above.
page-box-authority = I have the authority to agree on behalf of my organization.
page-signer = Who is signing
page-family-name = Last name
page-given-name = First name
page-privacy = We collect your name, your email address, your phone number if you give it, and your IP address and browser details as proof of your consent. { $partner } keeps them for { $years ->
    [one] { $years } year
   *[other] { $years } years
} after the relationship ends. If you would rather not give them, you can decline below.
page-sign-effect = The button below records your consent. A receipt goes to { $email }.
page-evidence = This record is evidence of your consent. It does not replace Microsoft's own steps.
page-evidence-next = The next page leads you to them.
page-decline = Decline
page-decline-lede = This declines the whole invitation and tells the partner why. It cannot be undone, but the partner can send you a new invitation.
page-decline-reason = Reason for declining
page-reason-resend-without-roles = Send it again without administrator roles
page-reason-wrong-person = I am not the right person
page-reason-unknown-partner = I do not know this partner
page-reason-other = Something else
page-decline-comment = Message to the partner
page-decline-comment-hint = Up to { $max } characters.
page-decline-button = Decline

## Errors in forms

page-error-prefix = Error:
page-error-summary = Please check what you entered
page-error-read-missing = Read the agreement, then tick the box.
page-error-family-missing = Enter your last name.
page-error-given-missing = Enter your first name.
page-error-phone = Enter the phone number in digits, or leave it empty.
page-error-authority-missing = Tick the box if you have the authority to agree. If you do not, decline with “I am not the right person”.
page-error-reason-missing = Choose a reason for declining.
page-error-too-long = Use { $max } characters or fewer.
page-error-unusable = Some characters cannot be used here. Please enter it again.

## The receipt

page-receipt-title = Your consent is recorded
page-receipt-lede = { $signer } agreed on behalf of { $organization } on { $moment }.
page-receipt-mail = A receipt goes to { $email }. Its link opens this page again.
page-steps-open = { $count ->
    [one] One step left
   *[other] { $count } steps left
}
page-steps-done = Steps at Microsoft
page-steps-lede = These are done by you, in the Microsoft 365 admin center. Mark each as done here and the partner will know.
page-step-agreement-name = Accept the Microsoft Customer Agreement (MCA)
page-step-agreement-does = Microsoft recognizes only the acceptance that you give in the admin center yourself.
page-step-reseller-name = Accept the reseller relationship
page-step-reseller-does = Sign in to the admin center and accept the partner's request.
page-step-gdap-name = Approve granular delegated admin privileges (GDAP)
page-step-gdap-does = Only a Global Administrator of your organization can approve this.
page-step-open = Open the admin center
page-step-mark = I have done this
page-step-no-link = The partner has not sent the link yet.
page-step-unknown = Not confirmed yet.
page-step-said-by-customer = Marked as done by your organization on { $moment }.
page-step-said-by-partner = Marked as done by the partner on { $moment }.
page-step-confirmed = Confirmed on { $moment }.
page-signed-by = Signed by
page-record = What was recorded
page-recorded-at = Recorded
page-agreement-hash = SHA-256 of the agreement
page-sentences = What was confirmed
page-record-id = Record
page-record-hash = SHA-256 of the record
page-keep = You can print this page or save it as a PDF.
page-partners = Partners you have authorized
page-partners-lede = From invitations sent to { $email }. Select a name for details.
page-since = Since

## The agreement, the print view

page-back = Back
page-agreement-exact = This is the stored text, word for word; the SHA-256 is of exactly this text.
page-agreement-file = Text file (.txt)
page-print-title = Partner relationship request for review
page-print-lede = For review and approval inside your organization. Accepting and declining are possible only through the link in the invitation mail.
page-invitation = Invitation
page-made-at = Printed
page-print-confirms = What the signer will confirm
page-approval = Approval
page-approval-prepared = Prepared by
page-approval-reviewed = Reviewed by
page-approval-approved = Approved by
page-approval-name = Name
page-approval-signature = Signature
page-approval-date = Date
page-print-end = A signature on this sheet does not accept the invitation.

## Declined, reminders stopped

page-declined-title = You declined the invitation
page-declined-lede = This is recorded, and the partner will be told. No permissions were given.
page-declined-next = To go ahead after all, ask the partner for a new invitation.
page-contact = How to reach the partner
page-stop-title = Stop reminders
page-stop-lede = No further reminders of this invitation to { $organization } will be sent.
page-stop-still-open = The invitation stays valid: you can accept or decline through the link in the mail until { $moment }.
page-stop-button = Stop reminders
page-stopped-title = Reminders are stopped
page-stopped-lede = You will get no further reminders of this invitation to { $organization }.

## Links that no longer work

page-dead-expired-title = This link has expired
page-dead-expired-text = It expired on { $moment }. Nothing was accepted or declined.
page-dead-revoked-title = This invitation was withdrawn
page-dead-revoked-text = The partner withdrew it on { $moment }. There is nothing more for you to do.
page-dead-replaced-title = This link was replaced by a newer one
page-dead-replaced-text = A later mail has a new link. Please open the link in the most recent one.
page-dead-invalid-title = This link does not work
page-dead-invalid-text = Part of the address is missing or was changed. Use the button in the mail again, or copy the whole link. If it still does not open, contact the partner who invited you.
page-resend = A new link
page-resend-lede = A new link is sent only to the email address that the invitation went to.
page-resend-button = Send a new link
page-asked-link-title = We have your request
page-asked-link-lede = If a new link can be sent for this invitation, it will reach the email address that the invitation went to within a few minutes.
page-asked-link-missing = If it does not arrive, look in the spam folder; if it is not there either, contact the partner who invited you.

## Pages that cannot be shown

page-failure-bad-request-title = We could not read this request
page-failure-bad-request-text = Part of the form did not arrive. Nothing was recorded: please open the link in the mail again.
page-failure-foreign-origin-title = This request came from another site
page-failure-foreign-origin-text = For your safety it was not carried out. Open the link in the mail and continue on the page of this site.
page-failure-not-found-title = There is no such page
page-failure-not-found-text = Check the address, or open the link in the mail again.
page-failure-method-title = This address cannot be opened directly
page-failure-method-text = It only receives forms. Please open the link in the mail again.
page-failure-too-large-title = What you sent is too long
page-failure-too-large-text = Nothing was recorded. Please shorten it and send it again.
page-failure-too-many-title = Too many requests
page-failure-too-many-text = Please try again in { $seconds ->
    [one] { $seconds } second
   *[other] { $seconds } seconds
}. Whatever was recorded stays recorded.
page-failure-internal-title = We could not do that
page-failure-internal-text = The fault is ours. Nothing that was recorded is lost: please open the link in the mail and try again in a moment.
page-failure-unavailable-title = Unavailable for a moment
page-failure-unavailable-text = Nothing that was recorded is lost. Please try again in about a minute.

## The front page

page-front-title = Where partner invitations are answered
page-front-lede = Here you read an invitation from a Microsoft partner, and accept or decline it. You need no account and no sign-in.
page-front-mail = If you received an invitation
page-front-mail-text = Use the button in the mail, or copy the whole link into the address bar. Each link opens one invitation.
page-front-doubt = If you doubt the mail
page-front-doubt-text = Do not open the link. Ask the partner first, through contact details that you already have. The mail names the company that asks and how to reach it.

### Stand-in
type-reseller-delegated-admin-name = Reseller & delegated administrator
type-reseller-delegated-admin-does = Sells you Microsoft products and services, and manages them for you.
type-advisor-name = Advisor
type-advisor-does = Resets passwords and handles support incidents.
role-global-administrator-name = Global Administrator
role-global-administrator-does = Can reach every setting and all data, and appoint other administrators.
role-helpdesk-administrator-name = Helpdesk Administrator
role-helpdesk-administrator-does = Resets passwords of people who are not administrators, and handles support requests.
