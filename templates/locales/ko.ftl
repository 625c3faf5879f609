### 이 언어를 쓰는 방식. 문장이 아니라 프로그램이 알아야 하는 값입니다.

# 이 언어로 쓴 언어 이름.
writing-name = 한국어
# ltr: 왼쪽에서 오른쪽, rtl: 오른쪽에서 왼쪽.
writing-direction = ltr
# 날짜의 각 부분을 채우는 자료의 언어 태그.
writing-dates = ko
# keep: 단어 사이에서만 줄을 바꿉니다.
writing-words = keep
# 메일의 글꼴. Outlook(Windows)용은 따로 적습니다.
writing-fonts = 'Malgun Gothic','Apple SD Gothic Neo','Noto Sans KR','Noto Sans CJK KR',sans-serif
writing-fonts-outlook = 'Malgun Gothic',sans-serif

## Countersign, 한국어.
### 조사는 변수 바로 뒤에 붙이지 않습니다("{ $name } 님이", "{ $partner }에서"). 메일은 "-습니다"체로, 느낌표와 기울임 없이 씁니다.

## 날짜와 기간. 각 부분은 ICU 자료로 채워집니다.

date = { $day }({ $weekday-short })
time-with-minutes = { $hour } { $minute }분
moment = { $date } { $time }({ $zone })
period-years = { $count }년
period-months = { $count }개월
period-days = { $count }일

## 파트너 유형

type-reseller-name = 재판매인(리셀러)
type-reseller-does = 조직 또는 학교에 Microsoft 제품을 판매합니다.
type-delegated-admin-name = 위임된 관리자
type-delegated-admin-does = 제품과 서비스를 대신 관리합니다. 계정을 만들고, 라이선스를 할당하고, 암호를 재설정할 수 있습니다.
type-reseller-delegated-admin-name = 재판매인 및 위임된 관리자
type-reseller-delegated-admin-does = Microsoft 제품을 판매하고, 제품과 서비스를 대신 관리합니다.
type-partner-name = 파트너
type-partner-does = 조직의 테넌트에서 만들어 준 계정으로, 그 밖의 Microsoft 서비스 업무를 대신 처리합니다.
type-advisor-name = 조언자(Advisor)
type-advisor-does = 암호를 재설정하고 지원 요청을 처리합니다.
type-indirect-reseller-name = 간접 재판매인(Indirect reseller)
type-indirect-reseller-does = 조직 또는 학교의 제품과 서비스를 대신 관리합니다.
type-gdap-partner-name = 세분화된 위임된 관리자 권한(GDAP) 파트너
type-gdap-partner-does = 여기에 적힌 역할의 범위 안에서, 정해진 기간 동안 제품과 서비스를 대신 관리합니다.
type-isv-name = 독립 소프트웨어 개발사(ISV)
type-isv-does = 자체 개발한 소프트웨어를 판매합니다.
type-oem-name = PC 제조사(OEM)
type-oem-does = Windows Autopilot에 장치를 대신 등록합니다. 테넌트에 대한 권한은 필요하지 않습니다.
type-mpsa-partner-name = Microsoft 제품 및 서비스 계약(MPSA) 파트너
type-mpsa-partner-does = MPSA로 여러 파트너와 거래해 온 경우, 파트너들이 서로의 구매 내역을 볼 수 있습니다.
type-oem-pc-partner-name = OEM PC 파트너
type-oem-pc-partner-does = Autopilot으로 관리하는 PC의 장치 ID를 업로드합니다.
type-lob-partner-name = LOB(기간 업무) 파트너
type-lob-partner-does = 조직 또는 학교에서 쓸 기간 업무 앱을 개발하고, 제출하고, 관리합니다.

## 관리자 역할. 포털마다 표기가 달라 영문 이름을 함께 적습니다.

role-global-administrator-name = 전역 관리자(Global Administrator)
role-global-administrator-does = 모든 설정과 데이터를 관리하고, 다른 관리자를 지정하거나 해제할 수 있습니다.
role-global-reader-name = 전역 읽기 권한자(Global Reader)
role-global-reader-does = 모든 설정과 관리 정보를 볼 수 있지만, 아무것도 바꿀 수 없습니다.
role-directory-readers-name = 디렉터리 읽기 권한자(Directory Readers)
role-directory-readers-does = 계정과 그룹 등 디렉터리의 기본 정보를 볼 수 있습니다.
role-directory-writers-name = 디렉터리 작성자(Directory Writers)
role-directory-writers-does = 계정과 그룹 등 디렉터리의 기본 정보를 보고 바꿀 수 있습니다.
role-helpdesk-administrator-name = 기술 지원팀 관리자(Helpdesk Administrator)
role-helpdesk-administrator-does = 관리자가 아닌 계정과 같은 역할의 관리자 계정의 암호를 재설정하고, 지원 요청을 관리할 수 있습니다.
role-service-support-administrator-name = 서비스 지원 관리자(Service Support Administrator)
role-service-support-administrator-does = 서비스 상태를 확인하고, Microsoft에 지원을 요청할 수 있습니다.
role-user-administrator-name = 사용자 관리자(User Administrator)
role-user-administrator-does = 계정과 그룹을 만들고 관리하며, 일반 계정과 일부 관리자 계정의 암호를 재설정할 수 있습니다.
role-license-administrator-name = 라이선스 관리자(License Administrator)
role-license-administrator-does = 계정과 그룹에 제품 라이선스를 할당하거나 회수할 수 있습니다.
role-privileged-authentication-administrator-name = 권한 있는 인증 관리자(Privileged Authentication Administrator)
role-privileged-authentication-administrator-does = 관리자를 포함한 모든 계정의 로그인 방법과 암호를 보고, 설정하고, 재설정할 수 있습니다.
role-privileged-role-administrator-name = 권한 있는 역할 관리자(Privileged Role Administrator)
role-privileged-role-administrator-does = 전역 관리자를 포함한 모든 관리자 역할을 부여하거나 해제할 수 있습니다.
role-cloud-application-administrator-name = 클라우드 애플리케이션 관리자(Cloud Application Administrator)
role-cloud-application-administrator-does = 조직에 연결된 앱의 등록과 권한을 관리할 수 있습니다. 애플리케이션 프록시는 제외됩니다.
role-application-administrator-name = 애플리케이션 관리자(Application Administrator)
role-application-administrator-does = 조직에 연결된 앱의 등록과 권한, 애플리케이션 프록시를 관리할 수 있습니다.
role-billing-administrator-name = 대금 청구 관리자(Billing Administrator)
role-billing-administrator-does = 제품을 구매하고, 구독과 청구서를 관리하고, 지원을 요청할 수 있습니다.
role-exchange-administrator-name = Exchange 관리자(Exchange Administrator)
role-exchange-administrator-does = 메일함과 메일 흐름 등 Exchange Online의 모든 설정을 관리할 수 있습니다.
role-sharepoint-administrator-name = SharePoint 관리자(SharePoint Administrator)
role-sharepoint-administrator-does = SharePoint 사이트와 OneDrive의 모든 설정을 관리할 수 있습니다.
role-teams-administrator-name = Teams 관리자(Teams Administrator)
role-teams-administrator-does = 모임, 통화, 메시지와 팀 등 Teams의 모든 설정을 관리할 수 있습니다.
role-intune-administrator-name = Intune 관리자(Intune Administrator)
role-intune-administrator-does = 업무용 PC와 휴대폰, 그 위의 앱과 정책을 관리할 수 있습니다.
role-security-administrator-name = 보안 관리자(Security Administrator)
role-security-administrator-does = 보안 정보와 보고서를 보고, 보안 설정을 바꿀 수 있습니다.
role-domain-name-administrator-name = 도메인 이름 관리자(Domain Name Administrator)
role-domain-name-administrator-does = 조직의 도메인 이름을 추가하고, 확인하고, 삭제할 수 있습니다.
role-external-identity-provider-administrator-name = 외부 ID 공급자 관리자(External Identity Provider Administrator)
role-external-identity-provider-administrator-does = 외부 조직의 계정으로 로그인하도록 연결하는 설정을 관리할 수 있습니다.

# 역할 옆에 표시됩니다.
risk-high = 높은 권한

## 거절 사유

reason-resend-without-roles = 관리자 역할 없이 다시 요청
reason-wrong-person = 담당자가 아님
reason-unknown-partner = 모르는 파트너
reason-other = 기타

## 동의한 뒤 Microsoft에서 진행하는 단계

step-mca-name = Microsoft 고객 계약(MCA) 동의
step-mca-does = Microsoft 365 관리 센터에서 같은 계약에 한 번 더 동의합니다. 새로 주문하려면 Microsoft의 이 동의 절차가 필요합니다.
step-relationship-name = 파트너 관계 수락
step-relationship-does = Microsoft 365 관리 센터에서 파트너 관계 요청을 수락합니다.
step-gdap-name = 관리자 역할 승인(GDAP)
step-gdap-does = 전역 관리자(Global Administrator)가 Microsoft 365 관리 센터에서 관리자 역할 요청을 승인합니다.
step-roles-removed-name = Microsoft에서 파트너의 접근 권한 제거
step-roles-removed-does = Microsoft 365 관리 센터의 ‘설정 > 파트너 관계’에서 파트너를 선택하고, 관리자 역할을 제거하거나 파트너를 삭제합니다.

## 항목 이름

label-relationship = 파트너 관계
label-relationship-now = 현재 파트너 관계
label-relationship-ended = 종료된 파트너 관계
label-roles = 관리자 역할
label-period = 권한 기간
label-agreement = 계약
label-legal-name = 상호
label-representative = 대표자
label-registration-number = 사업자등록번호
label-address = 주소
label-phone = 전화
label-email = 이메일
label-website = 웹사이트
label-signer = 동의하신 분
label-signed-at = 동의 일시
label-agreement-text = 계약 원문
label-sha256 = 원문의 SHA-256
label-organization = 고객사
label-recipient = 받는 분
label-former-recipient = 이전에 받은 분
label-new-recipient = 새로 받는 분
label-deadline = 응답 기한
label-invitation = 초대 번호
label-reference = 파트너 관리 번호
label-reason = 거절 사유
label-comment = 고객이 남긴 내용
label-declined-at = 거절 일시
label-failed-mail = 전달되지 않은 메일
label-failure = 원인
label-reply = 메일 서버 응답 코드
label-by = 변경한 쪽
label-changed-at = 변경 일시
label-roles-ending = 대상 역할
label-roles-ended = 기간이 끝난 역할
label-roles-extended = 연장된 역할
label-roles-roles-removed = 제거된 역할
label-roles-relationship-ended = 함께 종료된 역할
label-roles-remaining = 유지되는 역할
label-none = 없음

role-until = { $role } – { $day }까지
role-extends = { $role } – { $day }까지, 이후 { $until }까지 연장
by-customer = { $name } 님({ $organization })
# 당사자의 요청으로 삭제된 이름 대신 쓰는 말
erased-name = (이름 삭제)
period-until = { $period }({ $day }까지 예상)
agreement-mca = Microsoft 고객 계약(MCA)
agreement-version = { $title }, 버전 { $version }

## 메일: 공통

product = Countersign
mail-advertising = (광고)
mail-greeting = { $name } 님, 안녕하십니까.
mail-greeting-partner = { $partner } 담당자님, 안녕하십니까.
mail-no-password = 이 메일과 여기에 연결된 페이지에서는 암호를 묻지 않습니다.
mail-no-password-microsoft = 이 메일과 동의 확인서 페이지에서는 암호를 묻지 않습니다. Microsoft 계정으로는 Microsoft 365 관리 센터({ $admin-center })에서만 로그인하시면 됩니다.
mail-independent = Countersign은 Microsoft와 관계없는 독립된 서비스이며, 이 메일은 Microsoft에서 보낸 것이 아닙니다.
mail-why = 이 메일은 { $partner }의 요청에 따라 { $address } 주소로 보내 드렸습니다.
mail-why-partner = 이 메일은 { $partner }에서 보낸 초대의 진행 상황을 알려 드리기 위해 자동으로 발송되었습니다.
mail-sender = 요청한 파트너
mail-note = { $partner }에서 전하는 말씀
mail-period-note = 실제 종료일은 Microsoft에서 역할이 활성화된 날부터 계산됩니다.

## 메일: 초대, 재안내, 마감 안내

mail-invitation-subject = [{ $partner }] Microsoft 365 파트너 관계 요청 – { $date }까지 확인 부탁드립니다
mail-invitation-subject-agreement = [{ $partner }] Microsoft 고객 계약 동의 요청 – { $date }까지 확인 부탁드립니다
mail-invitation-title = Microsoft 365 파트너 관계 요청
mail-invitation-title-agreement = Microsoft 고객 계약 동의 요청
mail-invitation-lead-relationship-and-agreement = { $partner }에서 { $organization }에 Microsoft 365 파트너 관계와 Microsoft 고객 계약(MCA) 동의를 요청했습니다.
mail-invitation-lead-relationship = { $partner }에서 { $organization }에 Microsoft 365 파트너 관계를 요청했습니다.
mail-invitation-lead-agreement = { $partner }에서 { $organization }에 Microsoft 고객 계약(MCA) 동의를 요청했습니다.
mail-invitation-agreement-only = 파트너에게 구매와 구독 관리를 맡기시려면 먼저 이 계약에 동의하셔야 합니다. 이 동의로 새로운 관리자 권한이 부여되지는 않습니다.
mail-invitation-deadline = 아래 내용을 살펴보시고 { $moment }까지 수락하거나 거절해 주시기 바랍니다.
mail-invitation-deadline-agreement = 아래 내용을 살펴보시고 { $moment }까지 동의하거나 거절해 주시기 바랍니다.

mail-reminder-subject = [{ $partner }] (재안내) 파트너 관계 요청 – { $date }까지
mail-reminder-subject-agreement = [{ $partner }] (재안내) Microsoft 고객 계약 동의 요청 – { $date }까지
mail-reminder-title = 파트너 관계 요청을 다시 안내드립니다
mail-reminder-title-agreement = 계약 동의 요청을 다시 안내드립니다
mail-reminder-lead = { $partner }에서 { $organization }에 드린 요청에 아직 응답이 없어 다시 안내드립니다.

mail-last-chance-subject = [{ $partner }] (마감 안내) 파트너 관계 요청 – { $date }까지
mail-last-chance-subject-agreement = [{ $partner }] (마감 안내) Microsoft 고객 계약 동의 요청 – { $date }까지
mail-last-chance-title = 응답 기한이 곧 끝납니다
mail-last-chance-lead = { $partner }에서 { $organization }에 드린 요청의 응답 기한이 { $moment }에 끝납니다.
mail-last-chance-after = 기한이 지나면 링크를 사용하실 수 없으며, 그 뒤에 진행하시려면 { $partner }에서 다시 요청해야 합니다. 이 요청에 관한 안내는 이번이 마지막입니다.

mail-request-preheader = { $organization }에 드리는 요청입니다. 응답 기한: { $moment }
mail-request-asked = 요청 내용
mail-request-open = 요청 내용 확인
mail-request-open-help = 같은 페이지에서 거절하실 수도 있습니다. 거절하시면 이 요청에 관한 안내 메일을 더 이상 보내지 않습니다.
mail-request-link = 버튼이 열리지 않으면 아래 주소를 브라우저에 붙여 넣어 주시기 바랍니다.
mail-request-personal = 이 링크는 { $name } 님만 사용하실 수 있습니다. 다른 분께 전달하지 마시고, 담당자가 따로 계시면 페이지에서 알려 주시기 바랍니다. 내부 결재가 필요하시면 페이지의 인쇄용 화면을 이용하실 수 있습니다.
mail-request-after = 수락하신 뒤에는
mail-request-after-agreement = 동의하신 뒤에는
mail-request-after-record = 동의하신 내용이 기록되고, 동의 확인서를 메일로 보내 드립니다. 이 기록은 동의하셨다는 증거이며, Microsoft의 절차를 대신하지 않습니다.
mail-request-after-steps = 이어서 Microsoft 365 관리 센터에서 다음 단계를 직접 진행하시게 됩니다. 진행 방법은 동의 확인서에서 안내해 드립니다.
mail-request-end = 언제든지 줄이거나 끝낼 수 있습니다
mail-end-roles = 관리자 역할은 Microsoft 365 관리 센터의 ‘파트너 관계’에서 언제든지 제거하실 수 있습니다. 역할을 제거해도 파트너 관계는 유지됩니다.
mail-end-delete = 파트너 관계도 같은 곳에서 직접 삭제하실 수 있습니다.
mail-end-delete-alone = 파트너 관계는 Microsoft 365 관리 센터의 ‘파트너 관계’에서 언제든지 직접 삭제하실 수 있습니다.
mail-end-ask = 파트너 관계를 끝내려면 언제든지 { $partner }에 연락해 주시기 바랍니다.
mail-request-check = 이 메일이 진짜인지 확인하시려면
mail-request-check-call = 이 메일에 적힌 번호가 아니라 이미 알고 계신 번호로 { $partner }에 전화해 확인해 주시기 바랍니다.
mail-request-stop = 알림 메일 그만 받기
mail-request-stop-help = 이 요청에 관한 안내 메일을 더 받지 않으시려면 아래 주소를 열어 주시기 바랍니다. 받지 않으셔도 요청은 기한까지 유효합니다.

mail-viewer-subject = [{ $partner }] { $organization }에 온 요청의 사본
mail-viewer-title = 요청 내용을 함께 보내 드립니다
mail-viewer-greeting = 안녕하십니까.
mail-viewer-lead = { $partner }에서 { $organization }의 { $name } 님께 드린 요청을 함께 살펴보실 수 있도록 보내 드립니다.
mail-viewer-only = 수락이나 거절은 { $name } 님만 하실 수 있습니다. 답하실 필요는 없습니다.
mail-viewer-open = 요청 내용 보기
mail-viewer-open-help = 이 링크로는 아무것도 바뀌지 않습니다.
mail-viewer-open-help-agreement = 계약 원문도 같은 페이지에서 읽으실 수 있습니다. 이 링크로는 아무것도 바뀌지 않습니다.
mail-viewer-why = 이 메일은 { $partner } 또는 { $name } 님의 요청에 따라 { $address } 주소로 보내 드렸습니다.

## 메일: 동의 확인서

mail-receipt-subject = [{ $partner }] 동의가 기록되었습니다
mail-receipt-subject-steps = [{ $partner }] 동의가 기록되었습니다 – 남은 단계 { $count }개
mail-receipt-subject-relationship = [{ $partner }] 파트너 관계 수락이 기록되었습니다
mail-receipt-subject-relationship-steps = [{ $partner }] 파트너 관계 수락이 기록되었습니다 – 남은 단계 { $count }개
mail-receipt-title = 동의가 기록되었습니다
mail-receipt-title-relationship = 파트너 관계 수락이 기록되었습니다
mail-receipt-lead = { $name } 님이 소속 조직({ $organization })을 대표하여 확인하신 내용을 아래와 같이 기록했습니다. 이 메일을 보관해 주시기 바랍니다.
mail-receipt-evidence = 이 기록은 동의하셨다는 증거이며, Microsoft의 절차를 대신하지 않습니다.
mail-receipt-preheader = { $partner } 요청에 동의하신 내용을 기록했습니다.
mail-receipt-step-open = Microsoft 365 관리 센터 열기
mail-receipt-steps = 남은 단계 { $count }개
mail-receipt-steps-help = Microsoft 365 관리 센터에서 아래 단계를 진행해 주시기 바랍니다. 마치신 단계는 동의 확인서 페이지에 표시하실 수 있습니다.
mail-receipt-step-link-later = 진행할 링크는 { $partner }에서 따로 안내해 드립니다.
mail-receipt-no-steps = Microsoft에서 더 진행하실 단계는 없습니다.
mail-receipt-recorded = 기록된 내용
mail-receipt-open = 동의 확인서 보기
mail-receipt-read-agreement = 동의하신 원문 보기
mail-receipt-not-you = 직접 동의하신 것이 아니라면
mail-receipt-not-you-help = 이미 알고 계신 번호로 { $partner }에 바로 전화해 알려 주시기 바랍니다.

## 메일: 동의한 뒤의 파트너 관계. $company는 받는 쪽의 상대 회사입니다.

mail-ending-subject = [{ $company }] 관리자 역할 종료 예정 – { $day }
mail-ending-subject-extends = [{ $company }] 관리자 역할 { $period } 연장 예정 – { $day }
mail-ending-title = 관리자 역할의 기간이 곧 끝납니다
mail-ending-title-extends = 관리자 역할이 곧 자동으로 연장됩니다
mail-ending-lead = { $organization }에서 { $partner }에 부여한 관리자 역할의 기간이 { $date }에 끝납니다.
mail-ending-lead-extends = { $organization }에서 { $partner }에 부여한 관리자 역할은 자동 연장 설정에 따라 { $date }에 { $period } 연장됩니다. 연장되면 { $until }에 끝납니다.
mail-ending-some-extend = 자동 연장을 설정하신 역할은 그날 끝나지 않고 { $period } 연장됩니다.
mail-ending-prevent = 연장을 원하지 않으시면 그 전에 아래의 파트너 관리 페이지에서 역할을 제거하고, Microsoft 365 관리 센터에서도 제거해 주시기 바랍니다.
mail-ended-subject = [{ $company }] 관리자 역할 기간 종료 – { $day }
mail-ended-title = 관리자 역할의 기간이 끝났습니다
mail-ended-lead = { $organization }에서 { $partner }에 부여한 관리자 역할의 기간이 { $date }에 끝났습니다.
mail-extended-subject = [{ $company }] 관리자 역할 { $period } 연장 – { $until }까지
mail-extended-title = 관리자 역할이 연장되었습니다
mail-extended-lead = { $organization }에서 { $partner }에 부여한 관리자 역할이 자동 연장 설정에 따라 { $period } 연장되었습니다. 새 종료일은 { $until }입니다. 역할을 제거하지 않으면 그날 다시 연장됩니다.
mail-roles-removed-subject = [{ $company }] 관리자 역할 제거 – { $day }
mail-roles-removed-title = 관리자 역할이 제거되었습니다
mail-roles-removed-lead-customer = { $organization }의 { $actor } 님이 { $partner }에 부여한 관리자 역할을 제거했습니다. 파트너 관계는 유지됩니다.
mail-roles-removed-lead = { $organization }에서 { $partner }에 부여한 관리자 역할이 제거되었습니다. 파트너 관계는 유지됩니다.
mail-relationship-ended-subject = [{ $company }] 파트너 관계 종료 – { $day }
mail-relationship-ended-title = 파트너 관계가 종료되었습니다
mail-relationship-ended-lead-customer = { $organization }의 { $actor } 님이 { $partner } 파트너 관계를 종료했습니다.
mail-relationship-ended-lead-partner = { $organization } 및 { $partner } 사이의 파트너 관계를 { $partner }에서 종료했습니다.
mail-relationship-ended-lead = { $organization } 및 { $partner } 사이의 파트너 관계가 종료되었습니다.

mail-microsoft = Microsoft에서의 접근 권한
mail-microsoft-ending = 위 날짜는 저희 Countersign의 기록에 따른 예상일입니다. 파트너의 실제 접근 권한은 Microsoft에서 종료되어야 없어지며, 정확한 종료일은 Microsoft 365 관리 센터의 ‘파트너 관계’ 화면에서 확인하실 수 있습니다.
mail-microsoft-ended = 역할의 종료는 저희 Countersign의 기록입니다. 파트너의 실제 접근 권한은 Microsoft에서 종료되어야 없어지므로, Microsoft 365 관리 센터의 ‘파트너 관계’ 화면에 역할이 남아 있는지 확인하고 남아 있으면 제거해 주시기 바랍니다.
mail-microsoft-extended = 이 연장은 저희 Countersign의 기록입니다. 파트너의 실제 접근 권한과 그 기간은 Microsoft의 설정을 따르며, Microsoft 365 관리 센터의 ‘파트너 관계’ 화면에서 확인하고 제거하실 수 있습니다.
mail-microsoft-roles-removed = 이 변경은 저희 Countersign의 기록에만 반영되었습니다. 파트너의 실제 접근 권한은 Microsoft에서 종료되어야 없어지므로, Microsoft 365 관리 센터의 ‘파트너 관계’ 화면에서도 관리자 역할을 제거해 주시기 바랍니다.
mail-microsoft-relationship-ended = 이 종료는 저희 Countersign의 기록에만 반영되었습니다. 파트너의 실제 접근 권한은 Microsoft에서 종료되어야 없어지므로, Microsoft 365 관리 센터의 ‘파트너 관계’ 화면에서도 남아 있는 관리자 역할을 제거하고 파트너를 삭제해 주시기 바랍니다.
mail-manage-open = 파트너 관리 페이지
mail-manage-link = 파트너 관리 페이지 열기
mail-manage = 현재 파트너 관계와 역할은 아래 페이지에서 언제든지 확인하실 수 있습니다. 줄이거나 끝내는 방법도 이 페이지에 있습니다.
mail-manage-mark = Microsoft에서 제거를 마치신 뒤에는 아래 페이지에서 완료로 표시해 주시기 바랍니다.
mail-manage-record = 저희 Countersign에 기록된 역할과 관계는 파트너 관리 페이지에서 줄이거나 끝내실 수 있습니다. 아래 링크로 언제든지 여실 수 있습니다.
mail-change-again = 다시 맡기시려면 { $partner }에 새로 초대해 달라고 요청해 주시기 바랍니다.
mail-change-continue = 계속 맡기시려면 기간이 끝나기 전에 { $partner }에 새로 초대해 달라고 요청해 주시기 바랍니다.
mail-change-not-you = 모르는 변경이거나 되돌리기를 원하시면
mail-change-not-you-help = 모르는 변경이라면 이미 알고 계신 번호로 { $partner }에 바로 전화해 알려 주시기 바랍니다.
mail-change-by-partner = 문의하실 점이 있거나 되돌리기를 원하시면
mail-change-by-partner-help = 이미 알고 계신 번호로 { $partner }에 문의해 주시기 바랍니다.
mail-change-no-password = 이 메일과 파트너 관리 페이지에서는 암호를 묻지 않습니다. Microsoft 계정으로는 Microsoft 365 관리 센터에서만 로그인하시면 됩니다.
mail-change-stop-help = 역할의 종료를 미리 알리는 메일을 더 받지 않으시려면 아래 주소를 열어 주시기 바랍니다. 이미 이루어진 변경은 그 뒤에도 알려 드립니다.
mail-why-change = 이 메일은 { $partner } 파트너 관계의 기한과 변경을 알려 드리기 위해 { $address } 주소로 보내 드렸습니다.
mail-why-partner-change = 이 메일은 { $organization }에서 { $partner }에 부여한 권한의 기한과 변경을 알려 드리기 위해 자동으로 발송되었습니다.
mail-change-partner = 파트너
mail-change-next-ending = 역할이 계속 필요하시면 기간이 끝나기 전에 고객사와 상의한 뒤 새로 초대해 주시기 바랍니다.
mail-change-next-extends = 고객사에서 그 전에 역할을 제거하면 연장되지 않습니다. 더 필요하지 않은 역할이 있으면 고객사에 제거를 요청해 주시기 바랍니다.
mail-change-next-extended = 고객사에서는 언제든지 역할을 제거할 수 있습니다. 더 필요하지 않은 역할이 있으면 고객사에 제거를 요청해 주시기 바랍니다.
mail-change-next-gone = 위 역할은 Microsoft에 남아 있더라도 더 이상 사용하지 말아 주시기 바랍니다. 다시 필요하시면 고객사와 상의한 뒤 새로 초대해 주시기 바랍니다.
mail-change-next-relationship-ended = Microsoft에 접근 권한이 남아 있더라도 더 이상 사용하지 말아 주시기 바랍니다. 다시 필요하시면 고객사와 상의한 뒤 새로 초대해 주시기 바랍니다.
mail-change-partner-microsoft = 이 내용은 저희 Countersign의 기록입니다. Microsoft에서의 접근 권한은 고객사가 Microsoft 365 관리 센터에서 제거하거나 Microsoft에서 정한 기간이 지나야 끝납니다.

mail-manage-link-subject = [{ $host }] 파트너 목록 링크 – 15분 동안 사용하실 수 있습니다
mail-manage-link-title = 요청하신 파트너 목록 링크입니다
mail-greeting-nobody = 안녕하십니까.
mail-manage-link-lead = { $address } 주소로 관계를 맺은 파트너 { $count }곳의 목록을 볼 수 있는 링크입니다.
mail-manage-link-open = 파트너 목록 열기
mail-manage-link-until = 이 링크는 { $moment }까지 사용하실 수 있습니다. 기한이 지나면 같은 페이지에서 새 링크를 요청해 주시기 바랍니다.
mail-manage-link-personal = 이 링크를 가진 사람은 누구나 목록을 볼 수 있으므로 다른 분께 전달하지 마시기 바랍니다.
mail-manage-link-not-you = 요청하신 적이 없다면
mail-manage-link-not-you-help = 이 메일을 무시하셔도 됩니다. 링크를 여는 것만으로는 아무것도 바뀌지 않습니다.
mail-manage-link-why = 이 메일은 { $host } 페이지에서 { $address } 주소로 링크를 요청하여 보내 드렸습니다.

mail-steps-open-subject = [{ $partner }] Microsoft에서 진행하실 단계 – 남은 단계 { $count }개
mail-steps-open-title = Microsoft에서 진행하실 단계가 남아 있습니다
mail-steps-open-lead = { $date }에 { $organization } 명의로 동의하신 { $partner } 요청 가운데, Microsoft에서 진행하실 단계가 아직 완료로 확인되지 않았습니다. 이미 마치셨다면 동의 확인서 페이지에서 완료로 표시해 주시기 바랍니다.
mail-steps-open-once = 이 단계에 관한 안내는 이번 한 번뿐입니다.
mail-steps-open-mark = 동의 확인서 보기
mail-steps-open-stop-help = { $partner } 파트너 관계에 관한 안내 메일을 더 받지 않으시려면 아래 주소를 열어 주시기 바랍니다. 이미 이루어진 변경은 그 뒤에도 알려 드립니다.

## 메일: 파트너에게 보내는 알림

mail-accepted-subject = [{ $organization }] 초대가 수락되었습니다 – { $name } 님
mail-accepted-title = 초대가 수락되었습니다
mail-accepted-lead = { $name } 님이 { $organization } 명의로 초대를 수락했습니다.
mail-accepted-steps-help = 동의 기록은 증거이며 Microsoft의 절차를 대신하지 않습니다. 고객사에 보낸 동의 확인서에서 아래 단계를 안내했습니다.
mail-accepted-no-steps = 고객사가 Microsoft에서 진행할 단계는 남아 있지 않습니다.
mail-accepted-next = Microsoft에서 완료된 단계를 확인하시면, Countersign 운영 담당자가 해당 단계의 명령으로 기록합니다.

mail-declined-subject = [{ $organization }] 초대 거절 – { $reason }
mail-declined-title = 초대가 거절되었습니다
mail-declined-lead = { $organization }에 보낸 초대를 { $name } 님이 거절했습니다.
mail-declined-next-resend-without-roles = 관리자 역할을 빼고 새로 초대해 주시기 바랍니다. 거절된 초대는 다시 사용할 수 없습니다.
mail-declined-next-wrong-person = 고객사에 담당자가 누구인지 확인하신 뒤, 그분의 주소로 새로 초대해 주시기 바랍니다.
mail-declined-next-unknown-partner = 다시 초대하기 전에 고객사에 직접 연락하여 어떤 요청인지 먼저 설명해 주시기 바랍니다.
mail-declined-next-other = 필요하시면 고객사와 상의한 뒤 새로 초대해 주시기 바랍니다.

mail-expired-subject = [{ $organization }] 초대 기한 만료 – { $date }까지 응답 없음
mail-expired-title = 응답 없이 초대 기한이 만료되었습니다
mail-expired-lead = { $organization }에 보낸 초대가 { $moment }까지 응답을 받지 못해 만료되었습니다.
mail-expired-next = 계속 진행하시려면 고객사와 통화하신 뒤 새로 초대해 주시기 바랍니다. 만료된 초대의 링크로는 더 이상 응답할 수 없습니다.

mail-undeliverable-subject = [{ $organization }] 메일 전달 실패 – 받는 분 주소를 확인해 주시기 바랍니다
mail-undeliverable-subject-ours = [{ $organization }] 메일 발송 지연 – 시스템 문제를 확인하고 있습니다
mail-undeliverable-title = 메일이 전달되지 않았습니다
mail-undeliverable-lead = { $organization }에 보낸 메일이 받는 분께 전달되지 않았습니다.
mail-undeliverable-next-request = 고객사에 올바른 주소를 확인한 뒤, 아래 명령으로 주소를 바로잡아 주시기 바랍니다. 새 링크가 그 주소로 발송됩니다.
mail-undeliverable-next-ours = 서비스 운영자가 문제를 확인한 뒤 다시 보낼 수 있습니다. 새로 초대하거나 주소를 바꾸실 필요는 없습니다.
mail-undeliverable-next-viewer = 읽기 전용으로 함께 받는 분의 주소입니다. 초대에는 영향이 없으며, 응답하실 분은 그대로입니다.
mail-undeliverable-next-told = 알려 드리려던 내용은 그대로 유효합니다. 메일을 받지 못했다는 점을 고객사에 알려 주시기 바랍니다.
mail-undeliverable-next-receipt = 동의는 이미 기록되었습니다. 동의 확인서를 받지 못했다는 점을 고객사에 알려 주시기 바랍니다.

mail-handed-over-subject = [{ $organization }] 초대를 받는 분이 바뀌었습니다 – { $name } 님
mail-handed-over-title = 초대를 받는 분이 바뀌었습니다
mail-handed-over-lead = { $organization }에 보낸 초대를 { $former } 님이 같은 조직의 { $name } 님께 넘겼습니다.
mail-handed-over-next = 따로 하실 일은 없습니다. { $name } 님께 새 링크를 보냈고, 이전 링크는 더 이상 사용할 수 없습니다.

mail-partner-next = 다음 단계
mail-partner-show = 진행 상황은 아래 명령으로 확인하실 수 있습니다.

mail-kind-invitation = 초대
mail-kind-reminder = 재안내
mail-kind-last-chance = 마감 안내
mail-kind-receipt = 동의 확인서
mail-kind-ending = 역할 종료 예정 안내
mail-kind-ended = 역할 기간 종료 안내
mail-kind-extended = 역할 연장 안내
mail-kind-roles-removed = 역할 제거 안내
mail-kind-relationship-ended = 파트너 관계 종료 안내
mail-kind-steps-open = 남은 단계 안내
mail-kind-viewer = 읽기용 사본

failure-no-such-mailbox = 존재하지 않는 메일 주소입니다.
failure-no-such-domain = 존재하지 않거나 메일을 받지 않는 도메인입니다.
failure-mailbox-full = 메일함이 가득 찼습니다.
failure-mailbox-disabled = 메일함이 사용 중지되었습니다.
failure-refused = 받는 쪽 메일 서버가 메일을 거부했습니다.
failure-our-fault = 저희 시스템 문제로 메일을 보내지 못했습니다. 받는 분 주소 때문이 아닙니다.
failure-gave-up = 여러 날 동안 다시 시도했지만 받는 쪽 메일 서버가 메일을 받지 않았습니다.

## 메일: 파트너 찾기

label-asker = 담당자
label-asked-at = 문의 일시

mail-inquiry-confirm-subject = [{ $host }] 파트너 문의 확인 요청 – { $date }까지
mail-inquiry-confirm-title = 작성하신 문의를 확인해 주시기 바랍니다
mail-inquiry-confirm-lead = { $address } 주소로 파트너 { $count }곳에 보낼 문의가 작성되었습니다.
mail-inquiry-confirm-how = 직접 작성하신 문의라면 아래 링크를 열어 ‘문의 보내기’를 눌러 주시기 바랍니다. 누르시기 전에는 아무에게도 전달되지 않습니다.
mail-inquiry-confirm-open = 문의 확인하고 보내기
mail-inquiry-confirm-until = 이 링크는 { $moment }까지 사용하실 수 있습니다. 기한이 지나면 작성하신 내용은 삭제됩니다.
mail-inquiry-confirm-what = 작성하신 내용
mail-inquiry-confirm-given = 문의를 보내시면 위 내용이 그대로 파트너에게 제공되며, 파트너가 이메일이나 전화로 연락드리거나 초대를 보내 드립니다.
mail-inquiry-confirm-not-you = 문의를 작성하신 적이 없다면
mail-inquiry-confirm-not-you-help = 이 메일을 무시하셔도 됩니다. 링크를 여는 것만으로는 아무것도 보내지 않으며, 작성된 내용은 기한이 지나면 삭제됩니다.
mail-inquiry-confirm-personal = 이 링크를 가진 사람은 누구나 이 문의를 보낼 수 있으므로 다른 분께 전달하지 마시기 바랍니다.
mail-inquiry-confirm-why = 이 메일은 { $host }의 ‘파트너 찾기’에 { $address } 주소가 입력되어 보내 드렸습니다.

mail-inquiry-subject = [{ $organization }] 파트너 찾기 문의 – { $date }까지 답변 부탁드립니다
mail-inquiry-title = 새 문의가 도착했습니다
mail-inquiry-lead = { $organization }의 { $name } 님이 ‘파트너 찾기’를 통해 { $partner }에 문의했습니다.
mail-inquiry-verified = 이메일 주소는 본인 확인을 마쳤습니다. 조직과 이름은 적어 주신 그대로 전해 드리는 것이므로 연락하실 때 확인해 주시기 바랍니다.
mail-inquiry-answer = 아래 링크를 열면 문의 내용에 맞는 파트너 유형이 미리 선택되어 있습니다. 유형을 확인하고 ‘초대 보내기’를 누르시면 { $address } 주소로 초대 메일을 보내 드립니다.
mail-inquiry-open = 문의 열기
mail-inquiry-until = { $moment }까지 초대를 보내실 수 있습니다.
mail-inquiry-direct = 먼저 상의하시려면 위 연락처로 직접 연락해 주시기 바랍니다. 이 메일에 회신하셔도 문의하신 분께 전달되지 않습니다.
mail-inquiry-personal = 이 링크를 가진 사람은 누구나 { $partner } 명의로 초대를 보낼 수 있으므로 담당자가 아닌 분께 전달하지 마시기 바랍니다.
mail-inquiry-why = 이 메일은 { $host }의 ‘파트너 찾기’에 { $partner }의 프로필이 공개되어 있어 보내 드렸습니다. 문의를 더 받지 않으시려면 Countersign 운영 담당자에게 프로필 공개를 중지해 달라고 요청해 주시기 바랍니다.
mail-inquiry-use = 받으신 개인정보는 이 문의에 답하시는 데에만 사용해 주시기 바랍니다.

## 메일: 웹훅
label-webhook = 웹훅 번호
label-webhook-host = 수신 서버
label-webhook-failing-since = 호출 실패 시작
label-webhook-off-at = 호출 중지
label-webhook-answer = 마지막 응답
label-webhook-no-answer = 없음
mail-webhook-disabled-subject = [{ $host }] 웹훅 호출 중지 안내 – { $endpoint }, { $date }
mail-webhook-disabled-title = 웹훅 호출을 중지했습니다
mail-webhook-disabled-lead-failing = { $moment } 이후 { $partner }의 웹훅 수신 서버({ $endpoint })로 보낸 호출이 한 번도 성공하지 못해 호출을 중지했습니다.
mail-webhook-disabled-lead-gone = { $partner }의 웹훅 수신 서버({ $endpoint })에서 더 이상 받지 않는다는 응답(410)을 보내 호출을 중지했습니다.
mail-webhook-disabled-status = HTTP 상태 코드 { $code }
mail-webhook-disabled-next = 수신 서버를 점검하신 뒤 아래 명령이나 API로 호출을 다시 시작해 주시기 바랍니다.
mail-webhook-disabled-missed = 전달되지 않은 이벤트는 보관되어 있으며, 아래 명령이나 API로 다시 받으실 수 있습니다.
mail-webhook-disabled-why = 이 메일은 { $partner }에서 이벤트를 받도록 등록하신 웹훅({ $endpoint })에 대해 알려 드리기 위해 자동으로 발송되었습니다.

### Pages

## 모든 페이지

page-skip = 본문으로 건너뛰기
page-no-password = 어떤 경우에도 암호를 묻지 않습니다. 암호를 입력하라는 화면이 나오면 입력하지 말고 닫아 주세요.
page-independent = 이 사이트는 파트너의 초대에 답하는 곳이며 Microsoft가 운영하지 않습니다.
page-partner = 파트너
page-organization = 고객사
page-person = { $name } 님
page-version = 버전
page-language = 언어
page-language-ko = 한국어
page-language-en = 영어
page-optional = (선택)

## 초대 페이지

page-accept-title-both = 계약 동의 및 파트너 권한 부여
page-accept-title-partner = 파트너 권한 부여
page-accept-title-agreement = Microsoft 고객 계약(MCA) 동의
page-changed-title = 내용이 변경되었습니다
page-changed-text = 이 페이지를 연 뒤에 일부 내용이 바뀌었습니다. 아직 아무것도 기록되지 않았으니, 다시 읽고 확인란을 선택해 주세요. 입력한 내용은 그대로 남아 있습니다.
page-accept-lede-both = { $partner }에서 { $organization }에 파트너 관계와 Microsoft 고객 계약(MCA) 동의를 요청했습니다. 아래 내용을 확인한 뒤 동의하거나 거절해 주세요.
page-accept-lede-partner = { $partner }에서 { $organization }에 파트너 관계를 요청했습니다. 아래 내용을 확인한 뒤 권한을 부여하거나 거절해 주세요.
page-accept-lede-agreement = { $partner }에서 { $organization }에 Microsoft 고객 계약(MCA) 동의를 요청했습니다. 동의하기 전에는 파트너가 구독을 대신 구매하거나 관리할 수 없습니다.
page-accept-button-both = 동의하고 권한 부여
page-accept-button-partner = 파트너 권한 부여
page-accept-button-agreement = 동의
page-ways = 바로 가기
page-way-accept = 확인 및 서명
page-way-decline = 거절
page-way-people = 담당자 변경 또는 함께 보기
page-way-print = 인쇄용 보기(내부 결재용)
page-who = 요청한 파트너
page-who-hint = 모르는 회사라면 동의하지 말고 거절해 주세요. 확인이 필요하면 이미 알고 있는 연락처로 문의해 주세요.
page-note = 파트너가 전하는 말
page-asked = 요청 내용
page-novelty = 지금까지 동의하신 내용과 달라지는 점
page-novelty-same-type = { $date }부터 이어 온 파트너 관계를 그대로 유지하며, 새로운 유형의 관계가 생기지 않습니다.
page-novelty-new-type = 새 파트너 관계: { $type }
page-novelty-other-types = 이 파트너와 이미 맺으신 다른 관계({ $types })는 그대로 유지됩니다.
page-novelty-new-roles = 새로 부여하는 역할: { $roles }
page-novelty-renewed-role = 이미 부여하신 역할: { $role }. 지금은 { $date }까지이며, 수락하시면 그날부터 { $period } 동안으로 바뀝니다.
page-novelty-staying-role = 이번 요청에 없는 역할: { $role }. { $date }까지 그대로 유지됩니다.
page-novelty-first-agreement = Microsoft 고객 계약: 처음 동의하시는 계약입니다.
page-novelty-newer-agreement = Microsoft 고객 계약: { $date }에 동의하신 것은 { $before } 버전이며, 이번에는 { $version } 버전입니다.
page-novelty-same-agreement = Microsoft 고객 계약: { $date }에 동의하신 것과 같은 버전({ $version })입니다.
page-roles-lede = 파트너의 담당자가 고객사의 Microsoft 365에서 아래 일을 할 수 있게 됩니다.
page-until-hint = 기간은 Microsoft에서 권한이 활성화된 날부터 계산합니다. 위 날짜는 지금 활성화될 경우의 예상입니다.
page-ending = 나중에 끝내려면
page-ending-roles = 관리자 역할은 언제든지 Microsoft 365 관리 센터의 ‘청구 > 청구 계정 > 파트너 관계’에서 ‘관리자 역할 제거’를 선택해 제거할 수 있습니다. 역할을 제거해도 파트너 관계는 유지됩니다.
page-ending-delete = 파트너 관계는 관리 센터의 같은 화면에서 ‘파트너 삭제’로 직접 끝낼 수 있습니다.
page-ending-contact = 파트너 관계를 끝내려면 파트너에게 문의해 주세요.
page-agreement = Microsoft 고객 계약(MCA)
page-agreement-lede = 링크를 열어 계약 전문을 읽어 주세요.
page-agreement-version = 버전 { $version }
page-agreement-microsoft = Microsoft 사이트에서 계약 보기
page-sign = 확인 및 서명
page-box-read = 위 계약을 읽고 확인했습니다.
page-box-extend = 기간이 끝나면 역할을 { $period }씩 자동으로 연장합니다.
page-box-extend-hint = 선택 사항입니다. 연장되기 전에 매번 메일로 알려 드리며, 언제든지 해제할 수 있습니다.
page-box-authority = 소속 조직을 대표하여 동의할 권한이 있습니다.
page-signer = 서명하는 사람
page-family-name = 성
page-given-name = 이름
page-privacy = 이름, 이메일, 전화번호(입력한 경우), IP 주소와 브라우저 정보를 동의 사실을 증명하기 위해 수집하며, { $partner }에서 관계 종료 후 최소 { $years }년간 보관합니다. 자동으로 삭제되지 않으므로 삭제를 원하면 파트너에게 요청해 주세요. 정보 제공을 원하지 않으면 아래에서 거절할 수 있습니다.
page-sign-effect = 아래 버튼을 누르면 동의가 기록되고, 동의 확인서가 { $email } 주소로 발송됩니다.
page-evidence = 이 기록은 동의의 증거이며 Microsoft의 자체 절차를 대신하지 않습니다.
page-evidence-next = Microsoft에서 이어서 진행할 단계는 다음 화면에서 안내합니다.
page-decline = 거절
page-decline-lede = 초대 전체가 거절되고 사유가 파트너에게 전달됩니다. 거절한 초대는 되돌릴 수 없지만, 파트너가 새 초대를 보낼 수는 있습니다.
page-reason-resend-without-roles = 관리자 역할을 빼고 다시 보내 주세요
page-reason-wrong-person = 제가 담당자가 아닙니다
page-reason-unknown-partner = 모르는 파트너입니다
page-reason-other = 기타
page-decline-comment = 파트너에게 전할 말
page-decline-comment-hint = { $max }자까지 쓸 수 있습니다.
page-decline-button = 거절

## 입력 오류

page-error-prefix = 오류:
page-error-summary = 입력한 내용을 확인해 주세요
page-error-read-missing = 계약을 읽은 뒤 확인란을 선택해 주세요.
page-error-family-missing = 성을 입력해 주세요.
page-error-given-missing = 이름을 입력해 주세요.
page-error-phone = 전화번호를 숫자로 입력하거나 비워 주세요.
page-error-authority-missing = 동의할 권한이 있으면 확인란을 선택해 주세요. 권한이 없으면 ‘제가 담당자가 아닙니다’를 선택해 거절해 주세요.
page-error-reason-missing = 거절 사유를 선택해 주세요.
page-error-too-long = { $max }자 이내로 입력해 주세요.
page-error-unusable = 사용할 수 없는 문자가 있습니다. 다시 입력해 주세요.

## 동의 확인서

page-receipt-title = 동의가 기록되었습니다
page-receipt-title-partner = 파트너 권한 부여가 기록되었습니다
page-receipt-lede = { $signer } 님이 { $moment }에 { $organization } 명의로 동의했습니다.
page-receipt-mail = 동의 확인서는 { $email } 주소로 발송됩니다. 메일의 링크를 열면 이 페이지를 다시 볼 수 있습니다.
page-steps-open = 남은 단계 { $count }개
page-steps-done = Microsoft에서 진행한 단계
page-steps-lede = Microsoft 365 관리 센터에서 직접 진행해야 하는 단계입니다. 이 페이지를 여는 것만으로는 완료로 표시되지 않습니다. 마친 단계의 확인란을 선택하고 완료로 표시하면 파트너가 확인할 수 있습니다.
page-step-open = 관리 센터 열기
page-step-done = Microsoft에서 이 단계를 마쳤습니다.
page-step-mark = 완료로 표시
page-step-no-link = 파트너가 아직 링크를 보내지 않았습니다.
page-step-unknown = 아직 확인되지 않았습니다.
page-step-said-by-customer = 고객사에서 { $moment }에 완료로 표시했습니다.
page-step-said-by-partner = 파트너가 { $moment }에 완료로 표시했습니다.
page-step-confirmed = { $moment }에 완료가 확인되었습니다.
page-signed-by = 서명한 사람
page-record = 동의 기록
page-recorded-at = 기록 시각
page-agreement-hash = 계약의 SHA-256
page-sentences = 확인한 문장
page-record-id = 기록 번호
page-record-hash = 기록의 SHA-256
page-keep = 이 페이지를 인쇄하거나 PDF로 저장해 보관할 수 있습니다.
page-partners = 권한을 부여한 파트너
page-partners-lede = { $email } 주소로 받은 초대에 동의한 파트너입니다. 이름을 누르면 자세한 내용을 볼 수 있습니다.
page-since = 동의한 날

## 계약, 인쇄용 보기

page-back = 이전 페이지로 돌아가기
page-agreement-exact = 아래는 저장된 계약 전문이며, SHA-256은 이 전문의 해시값입니다.
page-agreement-file = 원문 파일(.txt)
page-print-title = 파트너 관계 요청 검토서
page-print-lede = 내부 검토와 결재에 사용하는 문서입니다. 동의나 거절은 초대 메일의 링크에서만 할 수 있습니다.

## 페이지: 담당자 변경, 함께 보기

page-people-title = 담당자 변경과 함께 보기
page-people-lede = { $organization }의 { $name } 님께 온 초대입니다. 다른 분이 답하셔야 하거나, 함께 검토할 분이 계시면 여기에서 알려 주세요.
page-people-back = 초대로 돌아가기
page-people-hand-over = 다른 담당자에게 넘기기
page-people-hand-over-text = @{ $domain } 메일을 쓰는 분께만 넘길 수 있습니다. 그분께 새 링크를 보내고, 지금의 링크는 더 이상 사용할 수 없게 되며, 파트너에게 담당자가 바뀌었음을 알립니다.
page-people-name = 담당자 이름
page-people-email = 담당자 이메일
page-people-hand-over-button = 담당자에게 넘기기
page-people-decline = 거절하면서 담당자 알리기
page-people-copy = 읽기 전용으로 함께 보기
page-people-copy-text = 법무 담당자처럼 내용을 검토할 분께 읽기 전용 링크를 보냅니다. 그 링크로는 수락이나 거절을 할 수 없습니다.
page-people-viewers = 함께 보는 분
page-people-remove = 그만 보게 하기
page-people-full = 함께 볼 수 있는 인원이 모두 찼습니다.
page-people-copy-button = 읽기 전용 링크 보내기
page-people-copied-title = 읽기 전용 링크를 보냅니다
page-people-copied-text = { $address } 주소로 보냅니다. 응답은 그대로 이 초대의 링크에서 하시면 됩니다.
page-people-error-name-missing = 담당자 이름을 입력해 주세요.
page-people-error-name = 담당자 이름을 문자로 된 짧은 이름으로 입력해 주세요.
page-people-error-own = 이 초대를 받으신 주소입니다. 다른 분의 주소를 입력해 주세요.
page-people-error-other-domain = @{ $domain } 주소만 입력하실 수 있습니다. 담당자가 다른 도메인을 쓰시면, 초대를 거절하면서 그분의 연락처를 파트너에게 알려 주세요.
page-people-error-public-domain = 누구나 만들 수 있는 메일 주소로 받으신 초대는 다른 분께 넘길 수 없습니다. 초대를 거절하면서 담당자의 연락처를 파트너에게 알려 주세요.
page-people-error-already = 이미 이 요청을 받은 분입니다.
page-people-error-takes-no-mail = 이 주소로는 메일을 보낼 수 없습니다. 다른 주소를 입력해 주세요.
page-people-error-too-many = 더 이상 넘기거나 추가할 수 없습니다. 파트너에게 연락해 주세요.
page-handed-over-title = 담당자에게 넘겼습니다
page-handed-over-lede = 새 담당자께 링크를 메일로 보내고, 파트너에게도 알립니다.
page-handed-over-next = 지금까지 쓰시던 링크는 더 이상 사용할 수 없습니다. 따로 하실 일은 없습니다.
page-view-title = 파트너 관계 요청(읽기 전용)
page-view-organization = 조직
page-view-pending = { $name } 님이 { $moment }까지 답하실 요청입니다. 읽기 전용이므로 이 페이지에서는 답할 수 없습니다.
page-view-accepted = { $name } 님이 { $moment }에 수락하신 요청입니다.
page-view-declined = { $name } 님이 { $moment }에 거절하신 요청입니다.
page-view-expired = { $moment }까지 답이 없어 만료된 요청입니다.
page-view-revoked = { $moment }에 파트너가 철회한 요청입니다.
page-view-only = 이 링크로는 읽을 수만 있습니다. 궁금한 점은 파트너에게 문의해 주세요.
page-made-at = 작성 시각
page-print-confirms = 동의할 때 확인하는 문장
page-approval = 결재
page-approval-prepared = 담당
page-approval-reviewed = 검토
page-approval-approved = 승인
page-approval-name = 성명
page-approval-signature = 서명
page-approval-date = 날짜
page-print-end = 이 문서에 서명해도 동의로 처리되지 않습니다.

## 거절, 알림 중지

page-declined-title = 초대를 거절했습니다
page-declined-lede = 거절이 기록되었고 파트너에게 전달됩니다. 권한은 부여되지 않았습니다.
page-declined-next = 다시 진행하려면 파트너에게 새 초대를 요청해 주세요.
page-contact = 파트너 연락처
page-stop-title = 알림 메일 그만 받기
page-stop-lede = { $organization }에 온 이 초대의 재안내 메일을 더 보내지 않습니다.
page-stop-lede-relationship = { $organization } 및 { $partner }의 파트너 관계에서, 역할의 종료 예정과 남은 단계를 미리 알리는 메일을 더 보내지 않습니다.
page-stop-still-told = 역할이 끝나거나 바뀌었다는 안내와 동의 확인서는 그 뒤에도 보내 드립니다.
page-stop-still-open = 초대는 그대로 유효합니다. { $moment }까지 받은 메일의 링크에서 동의하거나 거절할 수 있습니다.
page-stop-button = 알림 메일 그만 받기
page-stopped-title = 알림 메일을 보내지 않습니다
page-stopped-lede = { $organization }에 온 이 초대의 재안내 메일을 중지했습니다.
page-stopped-lede-relationship = { $organization } 및 { $partner }의 파트너 관계에서, 역할의 종료 예정과 남은 단계를 미리 알리는 메일을 중지했습니다.

## 더 이상 쓸 수 없는 링크

page-dead-expired-title = 기한이 만료된 링크입니다
page-dead-expired-text = 이 링크는 { $moment }에 만료되었습니다. 동의나 거절은 기록되지 않았습니다.
page-dead-revoked-title = 철회된 초대입니다
page-dead-revoked-text = 파트너가 { $moment }에 이 초대를 철회했습니다. 더 진행할 일은 없습니다.
page-dead-replaced-title = 새 링크로 바뀐 초대입니다
page-dead-replaced-text = 더 나중에 받은 메일에 새 링크가 있습니다. 가장 최근 메일의 링크를 열어 주세요.
page-dead-handed-over-title = 다른 분이 받으신 초대입니다
page-dead-handed-over-text = 이 초대는 이제 다른 담당자가 응답합니다. 이 링크로는 더 이상 응답할 수 없습니다.
page-dead-invalid-title = 사용할 수 없는 링크입니다
page-dead-invalid-text = 주소의 일부가 빠졌거나 바뀌었습니다. 메일의 버튼을 다시 누르거나 링크 전체를 복사해 붙여 넣어 주세요. 그래도 열리지 않으면 초대를 보낸 파트너에게 문의해 주세요.
page-resend = 새 링크
page-resend-lede = 새 링크는 초대를 받은 이메일 주소로만 보냅니다.
page-resend-button = 새 링크 요청
page-asked-link-title = 요청을 접수했습니다
page-asked-link-lede = 새 링크를 보낼 수 있는 초대라면 초대를 받은 이메일 주소로 몇 분 안에 도착합니다.
page-asked-link-missing = 도착하지 않으면 스팸 메일함을 확인하고, 그래도 없으면 초대를 보낸 파트너에게 문의해 주세요.

## 보여 드릴 수 없는 페이지

page-failure-bad-request-title = 요청을 읽을 수 없습니다
page-failure-bad-request-text = 양식의 일부가 도착하지 않았습니다. 아무것도 기록되지 않았으니, 메일의 링크를 다시 열어 주세요.
page-failure-foreign-origin-title = 다른 사이트에서 온 요청입니다
page-failure-foreign-origin-text = 안전을 위해 처리하지 않았습니다. 메일의 링크를 열어 이 사이트의 페이지에서 다시 진행해 주세요.
page-failure-not-found-title = 페이지를 찾을 수 없습니다
page-failure-not-found-text = 주소를 확인하거나 메일의 링크를 다시 열어 주세요.
page-failure-method-title = 이 주소는 직접 열 수 없습니다
page-failure-method-text = 양식을 보낼 때만 쓰는 주소입니다. 메일의 링크를 다시 열어 주세요.
page-failure-too-slow-title = 보낸 내용이 제때 도착하지 않았습니다
page-failure-too-slow-text = 연결이 느리거나 끊겼을 수 있습니다. 아무것도 기록되지 않았으니, 이전 페이지로 돌아가 다시 보내 주세요.
page-failure-too-large-title = 보낸 내용이 너무 깁니다
page-failure-too-large-text = 아무것도 기록되지 않았습니다. 내용을 줄여 다시 보내 주세요.
page-failure-too-many-title = 요청이 너무 많습니다
page-failure-too-many-text = { $seconds }초 뒤에 다시 시도해 주세요. 이미 기록된 내용은 그대로 있습니다.
page-failure-too-many-minutes = { $minutes }분 뒤에 다시 시도해 주세요. 이미 기록된 내용은 그대로 있습니다.
page-failure-internal-title = 처리하지 못했습니다
page-failure-internal-text = 저희 쪽 문제입니다. 이미 기록된 내용은 사라지지 않으니, 잠시 뒤 메일의 링크를 열어 다시 시도해 주세요.
page-failure-unavailable-title = 잠시 사용할 수 없습니다
page-failure-unavailable-text = 이미 기록된 내용은 사라지지 않습니다. 1분쯤 뒤에 다시 시도해 주세요.

## 첫 페이지

page-front-title = 파트너의 초대에 답하는 곳
page-front-lede = Microsoft 파트너가 보낸 초대를 확인하고 동의하거나 거절하는 사이트입니다. 계정도 로그인도 필요하지 않습니다.
page-front-mail = 초대 메일을 받았다면
page-front-mail-text = 메일의 버튼을 누르거나 링크 전체를 복사해 주소창에 붙여 넣어 주세요. 링크마다 초대 하나가 열립니다.
page-front-doubt = 메일이 의심스럽다면
page-front-doubt-text = 링크를 열지 말고, 이미 알고 있는 연락처로 파트너에게 먼저 확인해 주세요. 메일에는 요청한 회사의 상호와 연락처가 적혀 있습니다.

## 고객이 직접 보는 페이지: 파트너와 부여한 권한

page-front-manage = 이미 함께하는 파트너가 있다면
page-front-manage-text = 어떤 파트너가 무엇을 할 수 있는지 확인하고 줄일 수 있습니다. 링크는 메일로 보내 드립니다.
page-ask-title = 파트너와 부여한 역할 확인
page-ask-lede = 이 메일 주소로 관계를 맺은 모든 파트너와, 각 파트너가 언제까지 무엇을 할 수 있는지 볼 수 있습니다. 관리자 역할을 제거하거나 관계를 끝낼 수도 있습니다.
page-ask-hint = 초대를 받은 이메일 주소를 입력해 주세요. 그 주소로 링크를 보냅니다.
page-ask-button = 링크 받기
page-ask-same = 파트너와의 관계가 있는지와 상관없이 모든 주소에 같은 답을 드립니다.
page-ask-done-title = 메일을 확인해 주세요
page-ask-done-lede = 입력한 주소로 관계를 맺은 파트너가 있으면 곧 링크가 도착합니다. 링크는 15분 동안 사용할 수 있습니다.
page-ask-done-missing = 몇 분이 지나도 도착하지 않으면 스팸 메일함을 확인하고, 초대를 받은 주소를 입력했는지 확인해 주세요.
page-ask-again = 다른 주소 입력
page-ask-other = 다른 주소로 확인
page-ask-agreement-title = Microsoft 고객 계약 동의
page-ask-agreement-lede = 이미 파트너 관계를 맺으셨지만 Microsoft 고객 계약(MCA)에 동의하지 않으셨거나 새 버전이 나온 경우, 계약만 따로 읽고 동의하실 수 있습니다.
page-ask-agreement-done-lede = 입력한 주소로 관계를 맺은 파트너가 있으면 곧 링크가 도착합니다. 링크를 열면 동의하실 계약이 있는 파트너가 표시됩니다. 링크는 15분 동안 사용할 수 있습니다.
page-front-agreement = 계약에 동의할 일만 남았다면
page-front-agreement-text = 파트너 관계는 그대로 두고 Microsoft 고객 계약(MCA)에만 동의하실 수 있습니다.
page-error-email-missing = 이메일 주소를 입력해 주세요.
page-error-email = 이메일 주소를 name@example.com 형식으로 입력해 주세요.
page-list-title = 함께하는 파트너
page-list-lede = { $email } 주소로 맺은 파트너 관계 { $count }건입니다. 자세히 보기에서 역할을 제거하거나 관계를 끝낼 수 있습니다.
page-list-until = 안전을 위해 이 목록은 { $moment }까지만 열 수 있습니다.
page-list-empty = 지금은 { $email } 주소로 관계를 맺은 파트너가 없습니다.
page-list-empty-next = 따로 할 일은 없습니다. 찾는 파트너가 있다면 다른 이메일 주소로 초대를 받았을 수 있습니다.
page-list-open-step = Microsoft에서 진행할 단계가 남아 있습니다.
page-list-agreement = Microsoft 고객 계약(MCA)에 아직 동의하지 않으셨거나 새 버전이 나왔습니다. 동의하시기 전에는 파트너가 구매하거나 구독을 관리할 수 없습니다.
page-list-agreement-button = 계약 읽고 동의하기
page-list-agreed = 계약에만 동의하신 파트너
page-list-agreed-lede = 아래 파트너의 요청으로 Microsoft 고객 계약(MCA)에만 동의하셨습니다. 이 동의로 부여된 역할은 없습니다.
page-list-agreed-at = 동의한 날짜
page-list-agreed-newer = 계약의 새 버전이 나왔습니다. 새 버전에 동의하시기 전에는 파트너가 구매하거나 구독을 관리할 수 없습니다.
page-list-agreed-open = 동의 확인서 보기
page-partner-details = 자세히 보기
page-partner-details-by-link = 링크를 받아 자세히 보기
page-manage-title = { $partner } 파트너 관계
page-relation-state = 상태
page-relation-active = 현재 유효한 파트너 관계입니다. 부여한 권한을 여기에서 확인하고 언제든지 줄일 수 있습니다.
page-relation-ended = { $moment }에 종료된 파트너 관계입니다.
page-relation-ended-by-customer = { $moment }에 고객사에서 종료한 파트너 관계입니다.
page-relation-ended-by-partner = { $moment }에 파트너가 종료한 파트너 관계입니다.
page-role-until = { $day }까지
page-role-until-expected = { $day }까지 예상(Microsoft에서 활성화된 날부터 계산)
page-granted = 부여한 권한
page-granted-ended = 종료된 관계의 내용
page-roles-none = 없음
page-roles-none-text = 이 파트너에게 부여한 관리자 역할이 없습니다.
page-roles-held = 파트너의 담당자가 고객사의 Microsoft 365에서 아래 일을 할 수 있습니다.
page-extension = 자동 연장
page-extension-on = 켜짐
page-extension-off = 꺼짐
page-extension-on-text = 역할의 종료일이 되면 180일씩 계속 연장됩니다.
page-extension-off-text = 새로 동의하지 않으면 역할은 위에 적힌 날에 끝납니다.
page-extension-box = 위에 적힌 날에 역할을 끝냅니다.
page-extension-button = 자동 연장 끄기
page-receipt-open = 동의 확인서 보기
page-at-microsoft-title = Microsoft에서의 권한
page-at-microsoft-now = 지금 Microsoft에서 할 일
page-at-microsoft = 파트너의 접근 권한은 Microsoft에서 제거해야 실제로 끝납니다. Microsoft 365 관리 센터의 ‘설정 > 파트너 관계’에서 제거하기 전까지는 파트너가 계속 접근할 수 있습니다.
page-at-microsoft-open = 관리 센터에서 파트너 관계 열기
page-remove-roles = 관리자 역할 제거
page-remove-lede = { $organization }에서 { $partner } 담당자에게 부여한 관리자 역할을 제거합니다.
page-remove-which = 제거할 역할 확인
page-remove-legend = 제거할 역할
page-remove-happens = 제거하면
page-remove-recorded = 제거한 사실이 기록되고, 파트너와 이 메일 주소에 메일로 알려 드립니다.
page-remove-stays = 파트너 관계는 이 역할 없이 그대로 유지됩니다.
page-remove-again = 역할을 다시 부여하려면 파트너의 새 초대가 필요합니다.
page-remove-not = 자동으로 처리되지 않는 것
page-remove-box = 선택한 역할을 제거합니다.
page-keep-all = 그대로 두기
page-delete-partner = 파트너 삭제
page-delete-lede = { $organization }에서 맺은 { $partner } 파트너 관계를 끝냅니다.
page-delete-what = 삭제하면
page-delete-recorded = 파트너 관계가 종료됩니다. 종료한 사실이 기록되고, 파트너와 이 메일 주소에 메일로 알려 드립니다.
page-delete-roles = 아래 역할 { $count }개도 함께 끝납니다.
page-delete-again = 이 파트너와 다시 함께하려면 새 초대가 필요합니다.
page-delete-box = 이 파트너 관계를 끝냅니다.
page-end = 관계 끝내기
page-end-text = 이 파트너 관계는 직접 끝낼 수 있습니다. 부여한 역할도 모두 함께 끝납니다.
page-end-contact-title = 파트너에게 종료를 요청해 주세요
page-end-contact-refused = 변경된 내용은 없습니다.
page-end-contact-lede = 이 유형({ $type })의 관계는 파트너만 끝낼 수 있습니다.
page-end-contact-how = 요청 방법
page-end-contact-text = 이 유형의 관계는 파트너가 끝냅니다. 요청 메일을 준비해 두었으니, 메일 프로그램에서 내용을 확인하고 보내 주세요.
page-end-contact-mail = 요청 메일 쓰기
page-end-contact-call = 전화 { $phone }
page-end-contact-hint = 메일은 본인의 메일함에서 파트너에게 발송됩니다. 이 사이트에서는 아무것도 보내지 않습니다.
page-end-contact-roles = 관리자 역할은 언제든지 직접 제거할 수 있습니다.
page-end-mail-subject = [{ $organization }] 파트너 관계 종료 요청
page-end-mail-body =
    { $partner } 담당자님, 안녕하십니까.

    { $organization }에서 맺은 파트너 관계({ $type })를 종료하고자 합니다. Microsoft에서 필요한 절차를 진행해 주시고, 완료되면 종료 날짜와 함께 회신해 주시기 바랍니다.

    감사합니다.
page-manage-viewer = 이 링크로는 내용을 볼 수만 있습니다. 역할 제거와 관계 종료는 서명한 사람이 받은 링크에서만 할 수 있습니다.
page-told-roles-removed = 역할을 제거했습니다
page-told-roles-already-removed = 이미 제거된 역할입니다
page-told-ended = 파트너 관계를 끝냈습니다
page-told-already-ended = 이미 종료된 파트너 관계입니다
page-told-extension-stopped = 자동 연장을 껐습니다
page-told-extension-stopped-text = 역할은 아래에 적힌 날에 끝납니다.
page-told-viewer = 변경된 내용은 없습니다
page-told-microsoft = 이 사이트에 기록되었습니다. 실제 접근 권한은 Microsoft에서 제거해야 없어지므로, 아래 단계를 이어서 진행해 주세요.
page-told-nothing-left = 이 사이트에 기록되었습니다. Microsoft에서 더 진행할 단계는 없습니다.
page-error-roles-missing = 제거할 역할을 하나 이상 선택해 주세요.
page-error-confirmed-missing = 진행하려면 확인란을 선택해 주세요.
page-dead-manage-text = 이 링크는 { $moment }까지 사용할 수 있었습니다. 변경된 내용은 없습니다.
page-resend-manage-lede = 새 링크는 등록된 이메일 주소로만 보냅니다.

### Find a partner

page-language-ja = 일본어
page-language-zh = 중국어
page-language-de = 독일어
page-language-fr = 프랑스어
page-language-es = 스페인어
page-language-vi = 베트남어
size-1-9 = 1~9명
size-10-49 = 10~49명
size-50-249 = 50~249명
size-250-999 = 250~999명
size-1000 = 1,000명 이상
page-error-choice = 목록에서 하나를 선택해 주세요.
page-front-find = 파트너를 찾고 있다면
page-front-find-text = 지역, 조직 규모, 필요한 일에 맞는 파트너를 찾아 문의할 수 있습니다. 문의는 메일로 본인 확인을 마친 뒤에만 파트너에게 전달합니다.
page-find-title = 파트너 찾기
page-find-lede = Microsoft 제품의 구매, 관리, 지원을 맡길 파트너를 찾아 문의해 주세요. 계정은 필요하지 않습니다.
page-find-words = 찾는 내용
page-find-words-hint = 예: 보안 관제, 메일 이전, Teams
page-find-where = 지역
page-find-where-hint = 예: 서울, 부산 해운대, 일본
label-size = 조직 규모
page-find-any = 전체
page-find-button = 검색
page-find-what = 서비스
page-find-for = 대상 조직
page-find-nobody = 아직 소개를 올린 파트너가 없습니다
page-find-none = 조건에 맞는 파트너가 없습니다
page-find-none-hint = 단어를 줄이거나 지역을 넓혀 다시 검색해 주세요.
page-find-found = 파트너 { $count }곳
page-find-choose = 문의할 파트너를 최대 { $max }곳까지 선택해 주세요.
page-find-contact = 선택한 파트너에게 문의
page-find-pages = 검색 결과 페이지
page-find-before = 이전 페이지
page-find-after = 다음 페이지
page-find-page = { $pages }쪽 중 { $number }쪽
page-asking-title = 파트너에게 문의
page-asking-lede = 필요한 일을 적어 주세요. 이메일로 본인 확인을 마친 뒤에만 파트너에게 전달합니다.
page-asking-nobody-title = 파트너를 먼저 선택해 주세요
page-asking-nobody-text = 문의할 파트너가 선택되지 않았거나, 선택한 파트너가 지금은 문의를 받지 않습니다. 검색 결과에서 한 곳 이상 선택해 주세요.
page-asking-chosen = 문의를 받을 파트너
page-asking-others = 다른 파트너 찾기
page-asking-what = 문의 내용
page-asking-needs = 필요한 일(하나 이상)
need-licences = 라이선스 구매
need-manage = 제품과 서비스의 관리 대행
need-support = 기술 지원, 암호 재설정
need-app = 업무용 앱 개발
need-devices = Windows Autopilot 장치 등록
need-other = 그 밖의 일
label-needs-text = 자세한 내용
page-asking-text-hint = { $max }자까지 쓸 수 있고, 링크는 넣을 수 없습니다. 암호나 결제 정보는 적지 말아 주세요.
page-asking-who = 문의하는 분
label-asker-organization = 조직 또는 학교
page-asking-choose = 선택해 주세요
page-asking-name = 이름
page-asking-email-hint = 이 주소로 확인 메일을 보냅니다.
page-asking-privacy = 입력한 내용은 문의를 전달하고 답변을 받기 위해 수집하며, 확인을 마치면 위에 적힌 파트너에게 제공합니다. 2일 안에 확인하지 않은 문의는 삭제합니다. 정보 제공을 원하지 않으면 보내지 않아도 됩니다.
page-asking-button = 확인 메일 받기
page-error-needs-missing = 필요한 일을 하나 이상 선택해 주세요.
page-error-text = 링크나 사용할 수 없는 문자가 있습니다. 빼고 다시 입력해 주세요.
page-error-organization-missing = 조직 또는 학교의 이름을 입력해 주세요.
page-error-name-missing = 이름을 입력해 주세요.
page-error-asking-email = name@example.com과 같은 형식으로 이메일 주소를 입력해 주세요.
page-asking-sent-title = 메일을 확인해 주세요
page-asking-sent-lede = { $email } 주소로 확인 메일을 보냅니다. 메일의 링크를 열어 확인하면 문의가 파트너에게 전달됩니다.
page-asking-sent-text = 몇 분 안에 도착하지 않으면 스팸 메일함과 주소를 확인해 주세요. 한 주소로 하루에 보낼 수 있는 문의 수는 정해져 있으며, 2일 안에 확인하지 않은 문의는 삭제됩니다.
label-needs = 필요한 일
page-inquiry-title = 파트너에게 보낼 문의
page-inquiry-lede = 아래 내용을 확인하고 { $moment }까지 보내 주세요. 보내기 전에는 아무에게도 전달되지 않습니다.
page-inquiry-button = 문의 보내기
page-inquiry-box = 제가 작성한 문의이며, 위 파트너에게 보내겠습니다.
page-inquiry-ignore = 직접 작성한 문의가 아니면 이 페이지를 닫아 주세요. 아무것도 보내지 않고 2일 뒤 삭제합니다.
page-inquiry-sent-title = 문의를 보냈습니다
page-inquiry-sent-lede = { $moment }에 아래 파트너에게 전달했습니다. 파트너가 이메일이나 전화로 연락하거나 초대를 보냅니다.
page-inquiry-later-title = 오늘은 보낼 수 없습니다
page-inquiry-later-lede = 선택한 파트너가 오늘 받을 수 있는 문의가 다 찼습니다. 내일 이 링크를 다시 열어 보내 주세요. 링크는 { $moment }까지 쓸 수 있습니다.
page-inquiry-over-title = 기한이 지난 문의입니다
page-inquiry-over-lede = 이 문의는 아무에게도 전달되지 않았으며 곧 삭제됩니다. 아직 파트너를 찾고 있다면 다시 문의해 주세요.
page-respond-title = 새 문의에 답하기
page-respond-lede = 파트너 찾기에서 들어온 문의입니다. 이메일로 본인 확인을 마쳤습니다. { $moment }까지 초대를 보낼 수 있습니다.
page-respond-what = 문의 내용
page-respond-answer = 초대로 답하기
page-respond-effect = 필요한 일에 맞는 파트너 유형을 골라 두었습니다. 다른 유형을 선택할 수 있으며, 버튼을 누르면 위 이메일 주소로 초대 메일을 보냅니다.
page-respond-button = 초대 보내기
page-respond-types = 관계별 설명과 요청하는 역할
page-respond-no-roles = 요청하는 역할이 없습니다.
page-respond-box = 문의 내용을 확인했으며, 이 주소로 초대를 보내겠습니다.
page-respond-refused = 초대를 보낼 수 없습니다
page-respond-own-domain = 문의하신 분의 주소가 파트너와 같은 도메인에 있습니다. 파트너가 고객사를 대신해 동의할 수는 없으므로 이 주소로는 초대를 보내지 않습니다. 고객사의 다른 주소를 확인해 주세요.
page-respond-takes-no-mail = 문의하신 분의 주소로는 지금 메일을 보낼 수 없습니다. 아래 연락처로 직접 연락해 다른 주소를 확인해 주세요.
page-respond-known-organization = 같은 이름의 고객사가 이미 있는데, 문의하신 분은 그 고객사를 대표해 서명하신 적이 없는 분입니다. 같은 고객사의 담당자가 맞는지 먼저 확인하신 뒤, 직접 초대해 주세요.
page-respond-other = 아무것도 보내지 않았습니다. 잠시 뒤 다시 시도해 주세요. 계속 보낼 수 없으면 아래 연락처로 직접 연락하고, Countersign 운영 담당자에게 알려 주세요.
page-respond-done-title = 초대를 보냈습니다
page-respond-done-lede = { $moment }에 이 문의에 초대로 답했습니다. 답변이 오면 메일로 알려 드립니다.
page-respond-over-title = 답할 수 있는 기한이 지났습니다
page-respond-over-lede = 이 링크로는 초대를 보낼 수 없습니다. 아래 연락처로 직접 연락하거나, 초대를 따로 만들어 주세요.
