### How the language is written: not sentences, but what the program has to know of it.

# The language's name in itself.
writing-name = English
# ltr: lines go from left to right; rtl: from right to left.
writing-direction = ltr
# The tag whose data give the parts of dates. British: read rightly on both sides of the Atlantic; hc-h12 makes it “6 pm”.
writing-dates = en-GB-u-hc-h12
# keep: a line breaks between words only; break: within a word that is too long as well.
writing-words = break
# Fonts of mails, on the reader's machine; those for Outlook on Windows apart.
writing-fonts = 'Segoe UI',Helvetica,Arial,'Malgun Gothic',sans-serif
writing-fonts-outlook = 'Segoe UI',Arial,sans-serif

## Countersign, English.
### British spelling and dates, full sentences, no exclamation marks. The same keys as in every other language.

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
period-days = { $count ->
    [one] { $count } day
   *[other] { $count } days
}

## Partner types

type-reseller-name = Reseller
type-reseller-does = Sells Microsoft products to your organization or school.
type-delegated-admin-name = Delegated administrator
type-delegated-admin-does = Manages products and services for you: creates accounts, assigns licences, resets passwords.
type-reseller-delegated-admin-name = Reseller and delegated administrator
type-reseller-delegated-admin-does = Sells Microsoft products to you, and manages products and services for you.
type-partner-name = Partner
type-partner-does = Works with other Microsoft services on your behalf, through an account that you create in your tenant.
type-advisor-name = Advisor
type-advisor-does = Resets passwords and handles support incidents.
type-indirect-reseller-name = Indirect reseller
type-indirect-reseller-does = Manages products and services for your organization or school.
type-gdap-partner-name = Partner with GDAP access
type-gdap-partner-does = Manages products and services for you, within the roles named here and for a limited time.
type-isv-name = Independent software vendor (ISV)
type-isv-does = Develops and sells its own software.
type-oem-name = Original equipment manufacturer (OEM)
type-oem-does = Registers devices for you with Windows Autopilot. No access to your tenant is needed for that.
type-mpsa-partner-name = Microsoft Products & Services Agreement (MPSA) partner
type-mpsa-partner-does = If you have worked with several partners through MPSA, they can see each other’s purchases.
type-oem-pc-partner-name = OEM PC partner
type-oem-pc-partner-does = Uploads the device IDs of PCs that you manage with Autopilot.
type-lob-partner-name = Line-of-business (LOB) partner
type-lob-partner-does = Develops, submits and manages line-of-business apps for your organization or school.

## Admin roles

role-global-administrator-name = Global Administrator
role-global-administrator-does = Can manage every setting and all data, and appoint or remove other administrators.
role-global-reader-name = Global Reader
role-global-reader-does = Can see every setting and all administrative information, and change none of it.
role-directory-readers-name = Directory Readers
role-directory-readers-does = Can see basic directory information, such as accounts and groups.
role-directory-writers-name = Directory Writers
role-directory-writers-does = Can see and change basic directory information, such as accounts and groups.
role-helpdesk-administrator-name = Helpdesk Administrator
role-helpdesk-administrator-does = Can reset passwords of accounts that are not administrators, and of others with this role, and manage support requests.
role-service-support-administrator-name = Service Support Administrator
role-service-support-administrator-does = Can see the health of services and open support requests with Microsoft.
role-user-administrator-name = User Administrator
role-user-administrator-does = Can create and manage accounts and groups, and reset passwords of ordinary accounts and of some administrators.
role-license-administrator-name = License Administrator
role-license-administrator-does = Can assign product licences to accounts and groups, and remove them.
role-privileged-authentication-administrator-name = Privileged Authentication Administrator
role-privileged-authentication-administrator-does = Can see, set and reset the sign-in methods and passwords of every account, administrators included.
role-privileged-role-administrator-name = Privileged Role Administrator
role-privileged-role-administrator-does = Can grant and remove every admin role, Global Administrator included.
role-cloud-application-administrator-name = Cloud Application Administrator
role-cloud-application-administrator-does = Can manage the registration and permissions of apps that are connected to your organization, except the application proxy.
role-application-administrator-name = Application Administrator
role-application-administrator-does = Can manage the registration and permissions of apps that are connected to your organization, and the application proxy.
role-billing-administrator-name = Billing Administrator
role-billing-administrator-does = Can buy products, manage subscriptions and invoices, and open support requests.
role-exchange-administrator-name = Exchange Administrator
role-exchange-administrator-does = Can manage all of Exchange Online, mailboxes and mail flow included.
role-sharepoint-administrator-name = SharePoint Administrator
role-sharepoint-administrator-does = Can manage all of SharePoint and OneDrive.
role-teams-administrator-name = Teams Administrator
role-teams-administrator-does = Can manage all of Teams: meetings, calls, messages and the teams themselves.
role-intune-administrator-name = Intune Administrator
role-intune-administrator-does = Can manage work PCs and phones, with their apps and policies.
role-security-administrator-name = Security Administrator
role-security-administrator-does = Can see security information and reports, and change security settings.
role-domain-name-administrator-name = Domain Name Administrator
role-domain-name-administrator-does = Can add, verify and remove the domain names of your organization.
role-external-identity-provider-administrator-name = External Identity Provider Administrator
role-external-identity-provider-administrator-does = Can manage the settings that let people sign in with accounts of other organizations.

# Stands beside a role.
risk-high = High privilege

## Reasons for declining

reason-resend-without-roles = send it again without admin roles
reason-wrong-person = not the right person
reason-unknown-partner = I do not know this partner
reason-other = another reason

## Steps on Microsoft's side after consent

step-mca-name = Accept the Microsoft Customer Agreement (MCA)
step-mca-does = The same agreement is accepted once more in the Microsoft 365 admin center. Microsoft requires this for new orders.
step-relationship-name = Accept the partner relationship
step-relationship-does = The partner’s request is accepted in the Microsoft 365 admin center.
step-gdap-name = Approve the admin roles (GDAP)
step-gdap-does = A Global Administrator of the organization approves the request for admin roles in the Microsoft 365 admin center.
step-roles-removed-name = Remove the partner’s access at Microsoft
step-roles-removed-does = In the Microsoft 365 admin center, open Settings > Partner relationships, choose the partner, and remove its admin roles or delete it there.

## Names of facts

label-relationship = Partner relationship
label-relationship-now = Partner relationship now
label-relationship-ended = Partner relationship that ended
label-roles = Admin roles
label-period = Duration of the roles
label-agreement = Agreement
label-legal-name = Company
label-representative = Represented by
label-registration-number = Registration no.
label-address = Address
label-phone = Telephone
label-email = Email
label-website = Website
label-signer = Signed by
label-signed-at = Signed at
label-agreement-text = Exact text of the agreement
label-sha256 = SHA-256 of that text
label-organization = Customer
label-recipient = Recipient
label-former-recipient = Asked before
label-new-recipient = Asked now
label-deadline = Answer by
label-invitation = Invitation
label-reference = Your reference
label-reason = Reason
label-comment = The customer’s own words
label-declined-at = Declined at
label-failed-mail = Mail that did not arrive
label-failure = Cause
label-reply = Reply code of the mail server
label-by = Changed by
label-changed-at = Changed at
label-roles-ending = Roles concerned
label-roles-ended = Roles that ended
label-roles-extended = Extended roles
label-roles-roles-removed = Removed roles
label-roles-relationship-ended = Roles that ended with it
label-roles-remaining = Roles that remain
label-none = None

role-until = { $role } – until { $day }
role-extends = { $role } – until { $day }, then extended until { $until }
by-customer = { $name }, { $organization }
# In the place of a name that was erased when its person asked for that.
erased-name = (name erased)
period-until = { $period } (expected to end on { $day })
agreement-mca = Microsoft Customer Agreement (MCA)
agreement-version = { $title }, version { $version }

## Mails: shared

product = Countersign
mail-advertising = (광고)
mail-greeting = Dear { $name },
mail-greeting-partner = Dear team at { $partner },
mail-no-password = Neither this mail nor the page behind it ever asks for a password.
mail-no-password-microsoft = Neither this mail nor the receipt page ever asks for a password. You sign in with your Microsoft account only in the Microsoft 365 admin center ({ $admin-center }).
mail-independent = Countersign is an independent service. It does not belong to Microsoft, and this mail does not come from Microsoft.
mail-why = This mail was sent to { $address } at the request of { $partner }.
mail-why-partner = This mail was sent automatically, to tell you how an invitation from { $partner } is going.
mail-sender = Who is asking
mail-note = A note from { $partner }
mail-period-note = The exact end is counted from the day on which Microsoft activates the roles.

## Mails: invitation, reminder, last chance

mail-invitation-subject = [{ $partner }] Microsoft 365 partner relationship – please review by { $date }
mail-invitation-subject-agreement = [{ $partner }] Microsoft Customer Agreement – please review by { $date }
mail-invitation-title = A request for a Microsoft 365 partner relationship
mail-invitation-title-agreement = A request to accept the Microsoft Customer Agreement
mail-invitation-lead-relationship-and-agreement = { $partner } asks { $organization } to authorize it as a Microsoft 365 partner, and to accept the Microsoft Customer Agreement (MCA).
mail-invitation-lead-relationship = { $partner } asks { $organization } to authorize it as a Microsoft 365 partner.
mail-invitation-lead-agreement = { $partner } asks { $organization } to accept the Microsoft Customer Agreement (MCA).
mail-invitation-agreement-only = The partner can buy and manage subscriptions for you only once this agreement is accepted. Accepting it grants no new admin rights.
mail-invitation-deadline = Please look through the details below, and accept or decline by { $moment }.
mail-invitation-deadline-agreement = { mail-invitation-deadline }

mail-reminder-subject = [{ $partner }] Reminder: Microsoft 365 partner relationship – by { $date }
mail-reminder-subject-agreement = [{ $partner }] Reminder: Microsoft Customer Agreement – by { $date }
mail-reminder-title = A reminder of a partner relationship request
mail-reminder-title-agreement = A reminder of an agreement to accept
mail-reminder-lead = { $partner } has not yet had an answer to the request to { $organization }, so here it is once more.

mail-last-chance-subject = [{ $partner }] Closing soon: Microsoft 365 partner relationship – by { $date }
mail-last-chance-subject-agreement = [{ $partner }] Closing soon: Microsoft Customer Agreement – by { $date }
mail-last-chance-title = The time to answer is nearly over
mail-last-chance-lead = The request of { $partner } to { $organization } closes on { $moment }.
mail-last-chance-after = After that the link stops working, and { $partner } would have to ask anew. This is the last mail about this request.

mail-request-preheader = A request to { $organization }. Please answer by { $moment }.
mail-request-asked = What is being asked
mail-request-open = Review the request
mail-request-open-help = You can decline on the same page. If you do, we send no more mails about this request.
mail-request-link = If the button does not work, copy this address into your browser:
mail-request-personal = This link is for { $name } only. Please do not forward it; if somebody else should answer, you can say so on the page. For internal approval, the page has a version to print.
mail-request-after = After you accept
mail-request-after-agreement = { mail-request-after }
mail-request-after-record = Your consent is recorded, and you receive a receipt by mail. The record is evidence of your consent; it does not take the place of Microsoft’s own steps.
mail-request-after-steps = These steps in the Microsoft 365 admin center follow, and you take them yourself. The receipt leads you there.
mail-request-end = You can reduce or end this at any time
mail-end-roles = Admin roles can be removed at any time under “Partner relationships” in the Microsoft 365 admin center. The partner relationship stays when the roles are gone.
mail-end-delete = The partner relationship itself can be deleted in the same place.
mail-end-delete-alone = The partner relationship can be deleted at any time under “Partner relationships” in the Microsoft 365 admin center.
mail-end-ask = To end the partner relationship itself, contact { $partner } at any time.
mail-request-check = How to check that this mail is genuine
mail-request-check-call = Call { $partner } at a number that you already know, not at the one in this mail.
mail-request-stop = Stop reminders
mail-request-stop-help = If you want no more mails about this request, open this address. The request itself stays open until it closes.

mail-viewer-subject = [{ $partner }] Copy of a request to { $organization }
mail-viewer-title = A copy for you to read
mail-viewer-greeting = Hello,
mail-viewer-lead = { $partner } asked { $name } at { $organization } for what follows. You receive a copy so that you can read along.
mail-viewer-only = Only { $name } can accept or decline. You need not answer.
mail-viewer-open = Read the request
mail-viewer-open-help = Nothing can be changed with this link.
mail-viewer-open-help-agreement = The text of the agreement is on the same page. Nothing can be changed with this link.
mail-viewer-why = You receive this mail at { $address } because { $partner } or { $name } asked for it.

## Mails: receipt

mail-receipt-subject = [{ $partner }] Your consent is recorded
mail-receipt-subject-steps = { $count ->
    [one] [{ $partner }] Your consent is recorded – { $count } step remains
   *[other] [{ $partner }] Your consent is recorded – { $count } steps remain
}
mail-receipt-subject-relationship = [{ $partner }] Your authorization is recorded
mail-receipt-subject-relationship-steps = { $count ->
    [one] [{ $partner }] Your authorization is recorded – { $count } step remains
   *[other] [{ $partner }] Your authorization is recorded – { $count } steps remain
}
mail-receipt-title = Your consent is recorded
mail-receipt-title-relationship = Your authorization is recorded
mail-receipt-lead = This is what { $name } confirmed on behalf of { $organization }. Please keep this mail.
mail-receipt-evidence = The record is evidence of your consent; it does not take the place of Microsoft’s own steps.
mail-receipt-preheader = A record of what you confirmed for { $partner }.
mail-receipt-step-open = Open the Microsoft 365 admin center
mail-receipt-steps = { $count ->
    [one] { $count } step remains
   *[other] { $count } steps remain
}
mail-receipt-steps-help = Please take these steps in the Microsoft 365 admin center. On the receipt page you can mark the ones that you have done.
mail-receipt-step-link-later = { $partner } will send you the link for this step.
mail-receipt-no-steps = No steps remain on Microsoft’s side.
mail-receipt-recorded = What was recorded
mail-receipt-open = Open the receipt
mail-receipt-read-agreement = Read the text that you accepted
mail-receipt-not-you = If this was not you
mail-receipt-not-you-help = Please call { $partner } right away, at a number that you already know.

## Mails: the relationship after consent; $company is the other side’s.

mail-ending-subject = [{ $company }] Admin roles end on { $day }
mail-ending-subject-extends = [{ $company }] Admin roles will be extended by { $period } on { $day }
mail-ending-title = Admin roles end soon
mail-ending-title-extends = Admin roles will be extended soon
mail-ending-lead = The admin roles that { $organization } granted to { $partner } end on { $date }.
mail-ending-lead-extends = The admin roles that { $organization } granted to { $partner } extend themselves: on { $date } they will be extended by { $period }, until { $until }.
mail-ending-some-extend = The roles that extend themselves do not end on that day; they are extended by { $period }.
mail-ending-prevent = If you do not want that, remove the roles before that day on the page to manage this partner, named below, and in the Microsoft 365 admin center, too.
mail-ended-subject = [{ $company }] Admin roles ended on { $day }
mail-ended-title = Admin roles have ended
mail-ended-lead = The admin roles that { $organization } granted to { $partner } ended on { $date }, as their time was over.
mail-extended-subject = [{ $company }] Admin roles extended by { $period } – until { $until }
mail-extended-title = Admin roles were extended
mail-extended-lead = The admin roles that { $organization } granted to { $partner } extend themselves, and were extended by { $period }. They now end on { $until }; unless they are removed, they will then be extended again.
mail-roles-removed-subject = [{ $company }] Admin roles removed on { $day }
mail-roles-removed-title = Admin roles were removed
mail-roles-removed-lead-customer = { $actor } of { $organization } removed admin roles that had been granted to { $partner }. The partner relationship stays.
mail-roles-removed-lead = Admin roles that { $organization } had granted to { $partner } were removed. The partner relationship stays.
mail-relationship-ended-subject = [{ $company }] Partner relationship ended on { $day }
mail-relationship-ended-title = The partner relationship has ended
mail-relationship-ended-lead-customer = { $actor } of { $organization } ended the partner relationship with { $partner }.
mail-relationship-ended-lead-partner = { $partner } ended its partner relationship with { $organization }.
mail-relationship-ended-lead = The partner relationship between { $organization } and { $partner } has ended.

mail-microsoft = Access at Microsoft
mail-microsoft-ending = This date is what Countersign’s own record expects. The partner’s access ends only at Microsoft: the exact day is shown under “Partner relationships” in the Microsoft 365 admin center.
mail-microsoft-ended = That the roles have ended is Countersign’s own record. The partner’s access ends only at Microsoft: please check under “Partner relationships” in the Microsoft 365 admin center that no role is left, and remove any that is.
mail-microsoft-extended = The extension is Countersign’s own record. The partner’s access, and how long it lasts, is decided at Microsoft: you can see and remove it under “Partner relationships” in the Microsoft 365 admin center.
mail-microsoft-roles-removed = This changed Countersign’s own record, and nothing else. The partner’s access ends only at Microsoft: please remove the admin roles under “Partner relationships” in the Microsoft 365 admin center, too.
mail-microsoft-relationship-ended = This changed Countersign’s own record, and nothing else. The partner’s access ends only at Microsoft: please remove the admin roles and delete the partner under “Partner relationships” in the Microsoft 365 admin center, too.
mail-manage-open = Manage this partner
mail-manage-link = Open the page to manage this partner
mail-manage = The relationship and its roles, as they stand, are on this page at any time. It also says how to reduce or end them.
mail-manage-mark = When you have removed them at Microsoft, please mark that as done on this page.
mail-manage-record = In our own record, roles are reduced and the relationship is ended on the page to manage this partner. This link leads there at any time:
mail-change-again = If { $partner } is to do this for you again, ask it for a new invitation.
mail-change-continue = If { $partner } is to keep these roles, ask it for a new invitation before that day.
mail-change-not-you = If you know nothing of this change, or want it undone
mail-change-not-you-help = If you know nothing of it, please call { $partner } right away, at a number that you already know.
mail-change-by-partner = If you have questions about this, or want it undone
mail-change-by-partner-help = Please call { $partner }, at a number that you already know.
mail-change-no-password = Neither this mail nor the page to manage this partner ever asks for a password. You sign in with your Microsoft account only in the Microsoft 365 admin center.
mail-change-stop-help = If you do not want to be told of ends beforehand any more, open this address. You will still be told of what has changed.
mail-why-change = This mail was sent to { $address }, to tell you of dates and changes of the partner relationship with { $partner }.
mail-why-partner-change = This mail was sent automatically, to tell you of dates and changes of what { $organization } granted to { $partner }.
mail-change-partner = Your partner
mail-change-next-ending = If you still need these roles, talk to the customer and invite again before they end.
mail-change-next-extends = If the customer removes the roles before that day, they are not extended. Please ask the customer to remove those that you no longer need.
mail-change-next-extended = The customer can remove the roles at any time. Please ask the customer to remove those that you no longer need.
mail-change-next-gone = Please do not use these roles any more, even if they are still there at Microsoft. If you need them again, talk to the customer and invite again.
mail-change-next-relationship-ended = Please do not use this access any more, even if it is still there at Microsoft. If you need it again, talk to the customer and invite again.
mail-change-partner-microsoft = This is Countersign’s own record. Access at Microsoft ends only when the customer removes it in the Microsoft 365 admin center, or when its time at Microsoft is over.

mail-manage-link-subject = [{ $host }] Your link to all your partners – good for 15 minutes
mail-manage-link-title = The link to your partners
mail-greeting-nobody = Hello,
mail-manage-link-lead = { $count ->
    [one] This link leads to the list of partners that { $address } works with: { $count } partner.
   *[other] This link leads to the list of partners that { $address } works with: { $count } partners.
}
mail-manage-link-open = Open the list of partners
mail-manage-link-until = The link is good until { $moment }. After that, please ask for a new one on the same page.
mail-manage-link-personal = Whoever has this link can see the list. Please do not forward it.
mail-manage-link-not-you = If you did not ask for it
mail-manage-link-not-you-help = You may ignore this mail. Opening the link alone changes nothing.
mail-manage-link-why = This mail was sent because a link was asked for at { $host } for { $address }.

mail-steps-open-subject = { $count ->
    [one] [{ $partner }] { $count } step remains at Microsoft
   *[other] [{ $partner }] { $count } steps remain at Microsoft
}
mail-steps-open-title = Steps remain at Microsoft
mail-steps-open-lead = On { $date } you consented to the request of { $partner } on behalf of { $organization }. Some of Microsoft’s own steps are not known to be done. If you have done them, please mark them on the receipt page.
mail-steps-open-once = This is the only mail about these steps.
mail-steps-open-mark = Open the receipt
mail-steps-open-stop-help = If you want no more reminders about the relationship with { $partner }, open this address. You will still be told of what has changed.

## Mails: news for the partner

mail-accepted-subject = [{ $organization }] Invitation accepted – by { $name }
mail-accepted-title = Your invitation was accepted
mail-accepted-lead = { $name } accepted your invitation on behalf of { $organization }.
mail-accepted-steps-help = The consent record is evidence; it does not take the place of Microsoft’s own steps. The customer’s receipt leads to these:
mail-accepted-no-steps = The customer has no steps left to take at Microsoft.
mail-accepted-next = When you see that one of these steps is done, whoever runs Countersign for you records it with its command:

mail-declined-subject = [{ $organization }] Invitation declined – { $reason }
mail-declined-title = Your invitation was declined
mail-declined-lead = { $name } declined your invitation to { $organization }.
mail-declined-next-resend-without-roles = Please invite again without admin roles. A declined invitation cannot be used again.
mail-declined-next-wrong-person = Please ask the customer who is in charge, and invite that person.
mail-declined-next-unknown-partner = Before inviting again, please contact the customer directly and explain the request.
mail-declined-next-other = Where it makes sense, talk to the customer and invite again.

mail-expired-subject = [{ $organization }] Invitation expired – no answer by { $date }
mail-expired-title = Your invitation expired without an answer
mail-expired-lead = The invitation to { $organization } had no answer by { $moment }, and is now closed.
mail-expired-next = To go on, talk to the customer and invite again. The link of an expired invitation takes no answer any more.

mail-undeliverable-subject = [{ $organization }] Mail not delivered – please check the address
mail-undeliverable-subject-ours = [{ $organization }] Mail not sent yet – a fault on our side
mail-undeliverable-title = A mail could not be delivered
mail-undeliverable-lead = A mail to { $organization } could not be delivered to its recipient.
mail-undeliverable-next-request = Please ask the customer for the right address, and put it right with this command. A new link goes to that address.
mail-undeliverable-next-ours = Whoever runs this service has been told, and can send it again. There is no need to invite again or to change the address.
mail-undeliverable-next-viewer = This is the address of somebody who reads along. The invitation is not affected, and whoever is asked to answer stays the same.
mail-undeliverable-next-told = What the mail told is true all the same. Please tell the customer that it did not arrive.
mail-undeliverable-next-receipt = The consent is recorded all the same. Please tell the customer that the receipt did not arrive.

mail-handed-over-subject = [{ $organization }] Invitation handed over – to { $name }
mail-handed-over-title = Your invitation was handed over
mail-handed-over-lead = { $former } handed your invitation to { $organization } over to { $name }, who has a mailbox at the same organization.
mail-handed-over-next = There is nothing to do for you. { $name } has been sent a new link, and the former one no longer works.

mail-partner-next = What to do next
mail-partner-show = This command shows all that has happened:

mail-kind-invitation = invitation
mail-kind-reminder = reminder
mail-kind-last-chance = last reminder
mail-kind-receipt = receipt
mail-kind-ending = notice of roles that end soon
mail-kind-ended = notice that roles ended
mail-kind-extended = notice that roles were extended
mail-kind-roles-removed = notice that roles were removed
mail-kind-relationship-ended = notice that the relationship ended
mail-kind-steps-open = reminder of open steps
mail-kind-viewer = copy to read

failure-no-such-mailbox = There is no such mailbox.
failure-no-such-domain = There is no such mail domain, or it takes no mail.
failure-mailbox-full = The mailbox is full.
failure-mailbox-disabled = The mailbox has been disabled.
failure-refused = The recipient’s mail server refused the mail.
failure-our-fault = The mail could not be sent because of a fault on our side. The address is not the cause.
failure-gave-up = The recipient’s mail server did not take the mail, though we tried for several days.

## Mails: find a partner

label-asker = Name
label-asked-at = Asked at

mail-inquiry-confirm-subject = [{ $host }] Please confirm your inquiry – by { $date }
mail-inquiry-confirm-title = Please confirm your inquiry
mail-inquiry-confirm-lead = { $count ->
    [one] An inquiry to { $count } partner was written with the address { $address }.
   *[other] An inquiry to { $count } partners was written with the address { $address }.
}
mail-inquiry-confirm-how = If you wrote it, please open this link and choose “Send the inquiry”. Before that it goes to nobody.
mail-inquiry-confirm-open = Review and send
mail-inquiry-confirm-until = The link is good until { $moment }. After that, what was written is deleted.
mail-inquiry-confirm-what = What was written
mail-inquiry-confirm-given = When you send it, the partners get all of the above. They will write or call you, or send you an invitation.
mail-inquiry-confirm-not-you = If you did not write it
mail-inquiry-confirm-not-you-help = You may ignore this mail. Opening the link alone sends nothing, and what was written is deleted when its time is over.
mail-inquiry-confirm-personal = Whoever has this link can send the inquiry. Please do not forward it.
mail-inquiry-confirm-why = This mail was sent because { $address } was entered under “Find a partner” at { $host }.

mail-inquiry-subject = [{ $organization }] An inquiry to you – please answer by { $date }
mail-inquiry-title = A new inquiry
mail-inquiry-lead = { $name } of { $organization } asks { $partner } for help, through “Find a partner”.
mail-inquiry-verified = We have verified that the email address belongs to whoever asks. The organization and the name are as they were typed; please make sure of them when you get in touch.
mail-inquiry-answer = Behind this link, the partner type that fits the needs is chosen already. Check it and choose “Send the invitation”: then an invitation goes to { $address }.
mail-inquiry-open = Open the inquiry
mail-inquiry-until = You can send the invitation until { $moment }.
mail-inquiry-direct = If you would rather talk first, please use the contact details above. A reply to this mail does not reach whoever asked.
mail-inquiry-personal = Whoever has this link can send an invitation in the name of { $partner }. Please forward it only to those who may.
mail-inquiry-why = This mail was sent because the profile of { $partner } is published under “Find a partner” at { $host }. If you want no more inquiries, please ask whoever runs Countersign for you to withdraw it.
mail-inquiry-use = Please use the personal data in this mail only to answer it.

## Mails: webhooks
label-webhook = Webhook
label-webhook-host = Host
label-webhook-failing-since = Failing since
label-webhook-off-at = Switched off
label-webhook-answer = Last answer
label-webhook-no-answer = none
mail-webhook-disabled-subject = [{ $host }] A webhook was switched off – { $endpoint }, { $date }
mail-webhook-disabled-title = A webhook was switched off
mail-webhook-disabled-lead-failing = No call to the webhook of { $partner } at { $endpoint } has gone through since { $moment }. It is not called any more.
mail-webhook-disabled-lead-gone = The webhook of { $partner } at { $endpoint } answered that it is gone (410). It is not called any more.
mail-webhook-disabled-status = HTTP status { $code }
mail-webhook-disabled-next = Once your endpoint answers again, this command, or the API, lets it be called:
mail-webhook-disabled-missed = What it missed is kept. This command, or the API, calls again:
mail-webhook-disabled-why = This mail was sent automatically, because { $partner } is told of events at { $endpoint }.

### Pages

## Every page

page-skip = Skip to the content
page-no-password = You will never be asked for a password here. If a page asks you for one, close it.
page-independent = This site is for answering a partner’s invitation. It is not run by Microsoft.
page-partner = Partner
page-organization = Your organization
page-person = { $name }
page-version = Version
page-language = Language
page-language-ko = Korean
page-language-en = English
page-optional = (optional)

## The invitation

page-accept-title-both = Accept agreement and authorize partner
page-accept-title-partner = Authorize partner
page-accept-title-agreement = Accept the Microsoft Customer Agreement
page-changed-title = This page has changed
page-changed-text = Part of it changed after you opened it, and nothing has been recorded yet. Please read it again and confirm again. What you typed is still there.
page-accept-lede-both = { $partner } asks to become a partner of { $organization }, and for your consent to the Microsoft Customer Agreement. Please read what follows, then accept or decline.
page-accept-lede-partner = { $partner } asks to become a partner of { $organization }. Please read what follows, then authorize or decline.
page-accept-lede-agreement = { $partner } asks { $organization } to accept the Microsoft Customer Agreement. Until then the partner cannot buy or manage subscriptions for you.
page-accept-button-both = Accept & authorize
page-accept-button-partner = Authorize partner
page-accept-button-agreement = Accept
page-ways = On this page
page-way-accept = Confirm and sign
page-way-decline = Decline
page-way-people = Not you? Hand over, or share to read
page-way-print = Print view for internal approval
page-who = Who is asking
page-who-hint = If you do not know this company, decline. To make sure, contact it through details that you already have.
page-note = A note from the partner
page-asked = What is asked for
page-novelty = What is new against what you agreed to before
page-novelty-same-type = The partner relationship that you have had since { $date } goes on; no other kind of relationship is added.
page-novelty-new-type = A new partner relationship: { $type }
page-novelty-other-types = What you have with this partner already stays as it is: { $types }
page-novelty-new-roles = New roles: { $roles }
page-novelty-renewed-role = Granted already: { $role }, until { $date }. If you accept, it is granted for { $period } from that day instead.
page-novelty-staying-role = Not part of this request: { $role }. It stays until { $date }.
page-novelty-first-agreement = Microsoft Customer Agreement: you accept it for the first time.
page-novelty-newer-agreement = Microsoft Customer Agreement: on { $date } you accepted version { $before }; this is version { $version }.
page-novelty-same-agreement = Microsoft Customer Agreement: the same version ({ $version }) that you accepted on { $date }.
page-roles-lede = People at the partner will be able to do the following in your organization’s Microsoft 365.
page-until-hint = Microsoft counts from the day on which it activates the roles. The date assumes that this is today.
page-ending = If you want to end it later
page-ending-roles = You can remove the administrator roles at any time in the Microsoft 365 admin center, under Billing > Billing accounts > Partner relationships, with “Remove admin roles”. The partner relationship stays.
page-ending-delete = You can end the relationship yourself in the admin center, in the same place, with “Delete partner”.
page-ending-contact = To end the relationship, contact the partner.
page-agreement = Microsoft Customer Agreement (MCA)
page-agreement-lede = Open the link and read the whole agreement.
page-agreement-version = Version { $version }
page-agreement-microsoft = View the agreement on Microsoft’s site
page-sign = Confirm and sign
page-box-read = I have read and understood the agreement above.
page-box-extend = When their time is over, extend the roles by { $period }, again and again.
page-box-extend-hint = This is optional. Before each extension you get a mail, and you can end it at any time.
page-box-authority = I have the authority to agree on behalf of my organization.
page-signer = Who is signing
page-family-name = Last name
page-given-name = First name
page-privacy = We collect your name, your email address, your phone number if you give it, and your IP address and browser details as proof of your consent. { $partner } keeps them for at least { $years ->
    [one] { $years } year
   *[other] { $years } years
} after the relationship ends. They are not deleted automatically: to have them deleted, ask the partner. If you would rather not give them, you can decline below.
page-sign-effect = The button below records your consent. A receipt goes to { $email }.
page-evidence = This record is evidence of your consent. It does not replace Microsoft’s own steps.
page-evidence-next = The next page leads you to them.
page-decline = Decline
page-decline-lede = This declines the whole invitation and tells the partner why. It cannot be undone, but the partner can send you a new invitation.
page-reason-resend-without-roles = Send it again without administrator roles
page-reason-wrong-person = I am not the right person
page-reason-unknown-partner = I do not know this partner
page-reason-other = Something else
page-decline-comment = Message to the partner
page-decline-comment-hint = { $max ->
    [one] Up to { $max } character.
   *[other] Up to { $max } characters.
}
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
page-error-too-long = { $max ->
    [one] Use { $max } character at most.
   *[other] Use { $max } characters or fewer.
}
page-error-unusable = Some characters cannot be used here. Please enter it again.

## The receipt

page-receipt-title = Your consent is recorded
page-receipt-title-partner = Your authorization is recorded
page-receipt-lede = { $signer } agreed on behalf of { $organization } on { $moment }.
page-receipt-mail = A receipt goes to { $email }. Its link opens this page again.
page-steps-open = { $count ->
    [one] One step left
   *[other] { $count } steps left
}
page-steps-done = Steps at Microsoft
page-steps-lede = These are done by you, in the Microsoft 365 admin center. Opening this page marks nothing: tick the box of a step and mark it as done, and the partner will see it.
page-step-open = Open the admin center
page-step-done = I have done this at Microsoft
page-step-mark = Mark as done
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

## Somebody else: to answer, or to read along

page-people-title = Hand over, or share to read
page-people-lede = This invitation went to { $name } at { $organization }. If somebody else should answer it, or read it with you, say so here.
page-people-back = Back to the invitation
page-people-hand-over = Have a colleague answer
page-people-hand-over-text = Only somebody with a mailbox at @{ $domain } can be asked. They get a new link, yours stops working, and the partner is told who answers now.
page-people-name = Colleague’s full name
page-people-email = Colleague’s email
page-people-hand-over-button = Hand over
page-people-decline = Decline, and say who is in charge
page-people-copy = Let somebody read it
page-people-copy-text = Somebody who has to review it, such as your counsel, gets a link to read. Nobody can accept or decline with that link.
page-people-viewers = Can read it
page-people-remove = Stop sharing
page-people-full = No more people can be added.
page-people-copy-button = Send a link to read
page-people-copied-title = A link to read is on its way
page-people-copied-text = It goes to { $address }. You still answer by your own link.
page-people-error-name-missing = Enter your colleague’s name.
page-people-error-name = Enter a name in ordinary letters, of at most 100 characters.
page-people-error-own = This is the address that the invitation went to. Enter somebody else’s.
page-people-error-other-domain = Enter an address at @{ $domain }. If the right person has another domain, decline and tell the partner how to reach them.
page-people-error-public-domain = This invitation went to an address such as anybody can have, and cannot be handed over. Decline, and tell the partner who is in charge.
page-people-error-already = This person has the request already.
page-people-error-takes-no-mail = No mail can be sent to this address from here. Enter another one.
page-people-error-too-many = This cannot be passed on again. Please contact the partner.
page-handed-over-title = Handed over to your colleague
page-handed-over-lede = A new link goes to your colleague by mail, and the partner is told.
page-handed-over-next = The link that you have used so far no longer works. There is nothing left for you to do.
page-view-title = Partner relationship request, to read
page-view-organization = Organization
page-view-pending = { $name } can answer this request until { $moment }. You can read it; it cannot be answered on this page.
page-view-accepted = { $name } accepted this request on { $moment }.
page-view-declined = { $name } declined this request on { $moment }.
page-view-expired = This request had no answer by { $moment }, and is closed.
page-view-revoked = The partner withdrew this request on { $moment }.
page-view-only = This link is for reading only. If you have questions, please contact the partner.
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
page-stop-lede-relationship = No further reminders of roles that end soon, or of open steps, will be sent about the relationship of { $organization } with { $partner }.
page-stop-still-told = You will still be told when roles have ended or changed.
page-stop-still-open = The invitation stays valid: you can accept or decline through the link in the mail until { $moment }.
page-stop-button = Stop reminders
page-stopped-title = Reminders are stopped
page-stopped-lede = You will get no further reminders of this invitation to { $organization }.
page-stopped-lede-relationship = You will get no further reminders of roles that end soon, or of open steps, about the relationship of { $organization } with { $partner }.

## Links that no longer work

page-dead-expired-title = This link has expired
page-dead-expired-text = It expired on { $moment }. Nothing was accepted or declined.
page-dead-revoked-title = This invitation was withdrawn
page-dead-revoked-text = The partner withdrew it on { $moment }. There is nothing more for you to do.
page-dead-replaced-title = This link was replaced by a newer one
page-dead-replaced-text = A later mail has a new link. Please open the link in the most recent one.
page-dead-handed-over-title = Somebody else answers this invitation now
page-dead-handed-over-text = The invitation went to another person. It can no longer be answered with this link.
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
page-failure-too-slow-title = Your form did not arrive in time
page-failure-too-slow-text = The connection may be slow or interrupted. Nothing was recorded: please go back and send it again.
page-failure-too-large-title = What you sent is too long
page-failure-too-large-text = Nothing was recorded. Please shorten it and send it again.
page-failure-too-many-title = Too many requests
page-failure-too-many-text = Please try again in { $seconds ->
    [one] { $seconds } second
   *[other] { $seconds } seconds
}. Whatever was recorded stays recorded.
page-failure-too-many-minutes = Please try again in { $minutes ->
    [one] { $minutes } minute
   *[other] { $minutes } minutes
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

## The customer's own pages: partners and what they may do

page-front-manage = If you already work with a partner
page-front-manage-text = See which partners can do what for your organization, and reduce it. We send a link to your mailbox.
page-ask-title = Your partners and their roles
page-ask-lede = See every partner that your mailbox works with, what each may do and until when. You can remove admin roles there, or end a relationship.
page-ask-hint = The address at which you received the invitation. We send the link there.
page-ask-button = Send me a link
page-ask-same = The answer is the same for every address, whether or not it works with a partner here.
page-ask-done-title = Please check your mail
page-ask-done-lede = If that address works with a partner here, a link is on its way. It is good for 15 minutes.
page-ask-done-missing = If nothing arrives within a few minutes, look in the spam folder, and check that you gave the address at which you received the invitation.
page-ask-again = Enter another address
page-ask-other = Try another address
page-ask-agreement-title = Accept the Microsoft Customer Agreement
page-ask-agreement-lede = If you have a partner already, and have not accepted the Microsoft Customer Agreement (MCA) or a newer version of it is in force, you can read and accept the agreement alone.
page-ask-agreement-done-lede = If you work with a partner at this address, a link arrives shortly. It shows with which partners an agreement is still to be accepted. The link is good for 15 minutes.
page-front-agreement = If only the agreement is left to accept
page-front-agreement-text = You can accept the Microsoft Customer Agreement (MCA) alone; your partner relationships stay as they are.
page-error-email-missing = Enter your email address.
page-error-email = Enter an email address such as name@example.com.
page-list-title = Your partners
page-list-lede = { $count ->
    [one] One partner relationship
   *[other] { $count } partner relationships
} under { $email }. Open the details to remove roles or to end one.
page-list-until = For your safety this list can be opened until { $moment }.
page-list-empty = No partner works with { $email } at the moment.
page-list-empty-next = Nothing has to be done. If you expected a partner here, the invitation may have gone to another of your addresses.
page-list-open-step = A step remains to be done at Microsoft.
page-list-agreement = You have not accepted the Microsoft Customer Agreement (MCA) yet, or a newer version is in force. Until you do, the partner cannot buy or manage subscriptions for you.
page-list-agreement-button = Read and accept the agreement
page-list-agreed = The agreement alone
page-list-agreed-lede = For these partners you accepted the Microsoft Customer Agreement (MCA) and nothing else. They were given no roles by it.
page-list-agreed-at = Accepted on
page-list-agreed-newer = A newer version of the agreement is in force. Until you accept it, the partner cannot buy or manage subscriptions for you.
page-list-agreed-open = Open the receipt
page-partner-details = Details
page-partner-details-by-link = Get a link to the details
page-manage-title = Partner relationship with { $partner }
page-relation-state = State
page-relation-active = This relationship is in force. You can see here what it allows, and reduce it at any time.
page-relation-ended = This relationship ended on { $moment }.
page-relation-ended-by-customer = This relationship was ended by your organization on { $moment }.
page-relation-ended-by-partner = This relationship was ended by the partner on { $moment }.
page-role-until = Until { $day }
page-role-until-expected = Expected to end on { $day }, counted from activation at Microsoft
page-granted = What was granted
page-granted-ended = What the relationship was
page-roles-none = None
page-roles-none-text = The partner has no admin roles.
page-roles-held = People at the partner can do the following in your organization’s Microsoft 365.
page-extension = Auto-extend
page-extension-on = on
page-extension-off = off
page-extension-on-text = When the roles reach their end, they are extended by 180 days, again and again.
page-extension-off-text = The roles end on the dates above, unless you agree to something new.
page-extension-box = Let the roles end on the dates above
page-extension-button = Turn off auto-extend
page-receipt-open = Open the receipt
page-at-microsoft-title = At Microsoft
page-at-microsoft-now = To do now at Microsoft
page-at-microsoft = The partner’s access really ends only at Microsoft. Until it is removed there, in the Microsoft 365 admin center under Settings > Partner relationships, the partner may still be able to sign in.
page-at-microsoft-open = Open partner relationships in the admin center
page-remove-roles = Remove admin roles
page-remove-lede = You are about to take admin roles of { $partner } in { $organization } away.
page-remove-which = Which roles
page-remove-legend = Roles to remove
page-remove-happens = What happens
page-remove-recorded = It is recorded, and you and the partner are told by mail.
page-remove-stays = The partner relationship stays, without these roles.
page-remove-again = To give a role back, you need a new invitation from the partner.
page-remove-not = What does not happen by itself
page-remove-box = Yes, remove the selected roles
page-keep-all = Change nothing
page-delete-partner = Delete partner
page-delete-lede = You are about to end the relationship of { $organization } with { $partner }.
page-delete-what = What happens
page-delete-recorded = The relationship ends here. It is recorded, and you and the partner are told by mail.
page-delete-roles = { $count ->
    [one] This role ends with it:
   *[other] These { $count } roles end with it:
}
page-delete-again = To work with the partner again, you need a new invitation.
page-delete-box = Yes, end this relationship
page-end = End the relationship
page-end-text = You can end this relationship yourself. All roles end with it.
page-end-contact-title = Contact the partner to end it
page-end-contact-refused = Nothing was changed.
page-end-contact-lede = A relationship of this type ({ $type }) can be ended only by the partner.
page-end-contact-how = How to ask
page-end-contact-text = A relationship of this type is ended by the partner. We have prepared a mail for you: your mail program opens it, you read it, and you send it.
page-end-contact-mail = Write the mail
page-end-contact-call = Call { $phone }
page-end-contact-hint = The mail goes from your own mailbox to the partner. Nothing is sent from here.
page-end-contact-roles = What you can do yourself at any time: take the admin roles away.
page-end-mail-subject = Ending the partner relationship with { $organization }
page-end-mail-body =
    Dear team at { $partner },

    { $organization } would like to end its partner relationship with you ({ $type }). Please take the steps that this needs at Microsoft, and tell us when it is done and from which day it holds.

    Kind regards,
page-manage-viewer = This link is for reading. Only the person who signed can remove roles or end the relationship, with their own link.
page-told-roles-removed = The roles are removed
page-told-roles-already-removed = These roles were removed before
page-told-ended = The relationship is ended
page-told-already-ended = The relationship was ended before
page-told-extension-stopped = Auto-extend is off
page-told-extension-stopped-text = The roles end on the dates below.
page-told-viewer = Nothing was changed
page-told-microsoft = This is recorded here. Access at Microsoft ends only there: please take the step below now.
page-told-nothing-left = This is recorded here. No step at Microsoft is open.
page-error-roles-missing = Select at least one role to remove.
page-error-confirmed-missing = Tick the box if you want this.
page-dead-manage-text = It was good until { $moment }. Nothing was changed.
page-resend-manage-lede = A new link is sent only to the email address on file.

### Find a partner

page-language-ja = Japanese
page-language-zh = Chinese
page-language-de = German
page-language-fr = French
page-language-es = Spanish
page-language-vi = Vietnamese
size-1-9 = 1–9 people
size-10-49 = 10–49 people
size-50-249 = 50–249 people
size-250-999 = 250–999 people
size-1000 = 1,000 people or more
page-error-choice = Choose one from the list.
page-front-find = If you are looking for a partner
page-front-find-text = Search by location, size and what you need, and ask. An inquiry goes to the partners only after you have confirmed it by email.
page-find-title = Find a partner
page-find-lede = Look for a partner to buy Microsoft products from, or to manage and support them, and ask. You need no account.
page-find-words = What you are looking for
page-find-words-hint = For example: security, mail migration, Teams
page-find-where = Location
page-find-where-hint = For example: Bristol, Seoul, Germany
label-size = Size of the organization
page-find-any = Any
page-find-button = Search
page-find-what = Services
page-find-for = Works for
page-find-nobody = No partner has introduced itself here yet
page-find-none = No partner matches
page-find-none-hint = Use fewer words, or a wider area, and search again.
page-find-found = { $count ->
    [one] { $count } partner
   *[other] { $count } partners
}
page-find-choose = { $max ->
    [one] Choose { $max } partner to ask.
   *[other] Choose up to { $max } partners to ask.
}
page-find-contact = Ask the chosen partners
page-find-pages = Pages of results
page-find-before = Previous page
page-find-after = Next page
page-find-page = Page { $number } of { $pages }
page-asking-title = Ask the partners
page-asking-lede = Say what you need. It goes to the partners only after you have confirmed it by email.
page-asking-nobody-title = Choose a partner first
page-asking-nobody-text = No partner was chosen, or the ones you chose take no inquiries at the moment. Choose at least one from the results.
page-asking-chosen = Who will get your inquiry
page-asking-others = Find other partners
page-asking-what = Your inquiry
page-asking-needs = What you need (at least one)
need-licences = Buy licences
need-manage = Have products and services managed for us
need-support = Support and password resets
need-app = A line-of-business app built
need-devices = Devices registered for Windows Autopilot
need-other = Something else
label-needs-text = More about it
page-asking-text-hint = { $max ->
    [one] Up to { $max } character, without links.
   *[other] Up to { $max } characters, without links.
} Do not enter passwords or payment details.
page-asking-who = Who is asking
label-asker-organization = Organization or school
page-asking-choose = Please choose
page-asking-name = Name
page-asking-email-hint = We send a mail to this address to confirm.
page-asking-privacy = We collect this to pass on your inquiry and to let the partners answer. Once you confirm, it is given to the partners named above. What is not confirmed within 2 days is deleted. If you do not want that, do not send the form.
page-asking-button = Send me the confirmation mail
page-error-needs-missing = Choose at least one thing that you need.
page-error-text = There is a link or a character that cannot be used here. Please take it out.
page-error-organization-missing = Enter the name of your organization or school.
page-error-name-missing = Enter your name.
page-error-asking-email = Enter an email address, such as name@example.com.
page-asking-sent-title = Check your mail
page-asking-sent-lede = We are sending a mail to { $email }. Open the link in it and confirm: then your inquiry goes to the partners.
page-asking-sent-text = If it does not arrive within a few minutes, look in the spam folder and check the address. The number of inquiries from one address in a day is limited, and what is not confirmed within 2 days is deleted.
label-needs = What is needed
page-inquiry-title = Your inquiry to partners
page-inquiry-lede = Please check it, and send it until { $moment }. Before that it goes to nobody.
page-inquiry-button = Send the inquiry
page-inquiry-box = I wrote this, and want it sent to these partners.
page-inquiry-ignore = If you did not write it, close this page: nothing is sent, and it is deleted after 2 days.
page-inquiry-sent-title = Your inquiry was sent
page-inquiry-sent-lede = It went to the partners below on { $moment }. They will write or call you, or send you an invitation.
page-inquiry-later-title = It cannot be sent today
page-inquiry-later-lede = One of the partners has got as many inquiries as it takes in a day. Open this link again tomorrow; it works until { $moment }.
page-inquiry-over-title = This inquiry has expired
page-inquiry-over-lede = It went to nobody, and will be deleted. If you are still looking for a partner, please ask again.
page-respond-title = Answer an inquiry
page-respond-lede = It came through “Find a partner”, and its sender has confirmed it by email. You can send an invitation until { $moment }.
page-respond-what = What is asked
page-respond-answer = Answer with an invitation
page-respond-effect = The partner type that fits the needs is chosen; you may choose another one. The button sends an invitation to the address above.
page-respond-button = Send the invitation
page-respond-types = What each relationship means, and which roles it asks for
page-respond-no-roles = Asks for no role.
page-respond-box = I have read the inquiry, and want to invite this address.
page-respond-refused = The invitation cannot be sent
page-respond-own-domain = Whoever asks has an address at your own domain. A partner cannot consent for its customer, so no invitation goes there. Please ask for another address of the customer.
page-respond-takes-no-mail = No mail can be sent to this address from here at the moment. Please use the contact details below, and ask for another address.
page-respond-known-organization = You have a customer of this name already, and whoever asks has never signed for it. Please make sure that it is the same organization, and then invite by hand.
page-respond-other = Nothing was sent. Please try again in a moment. If it still fails, use the contact details below, and tell whoever runs Countersign for you.
page-respond-done-title = The invitation was sent
page-respond-done-lede = You answered this inquiry with an invitation on { $moment }. You will get a mail when there is an answer.
page-respond-over-title = The time to answer is over
page-respond-over-lede = No invitation can be sent by this link. Use the contact details below, or make an invitation of your own.
