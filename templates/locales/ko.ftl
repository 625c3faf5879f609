### Countersign, 한국어.
### 조사는 변수 바로 뒤에 붙이지 않습니다: "{ $name } 님이", "{ $partner }에서". 메일은 "-습니다"체로, 느낌표와 기울임 없이 씁니다.

## 날짜와 기간. 자리는 ICU 자료로 채워집니다.

date = { $day }({ $weekday-short })
time-with-minutes = { $hour } { $minute }분
moment = { $date } { $time }({ $zone })
period-years = { $count }년
period-months = { $count }개월
period-weeks = { $count }주
period-days = { $count }일

### Pages

## 모든 페이지

page-skip = 본문으로 건너뛰기
page-no-password = 어떤 경우에도 암호를 묻지 않습니다. 암호를 입력하라는 화면이 나오면 입력하지 말고 닫아 주세요.
page-independent = 이 사이트는 파트너의 초대에 답하는 곳이며 Microsoft가 운영하지 않습니다.
page-partner = 파트너
page-company = 상호
page-representative = 대표자
page-registration = 사업자등록번호
page-address = 주소
page-phone = 전화
page-email = 이메일
page-organization = 고객사
page-recipient = 받는 사람
page-person = { $name } 님
page-answer-by = 답변 기한
page-version = 버전
page-language = 언어
page-language-ko = 한국어
page-language-en = 영어
page-document = 계약
page-relationship = 파트너 관계
page-roles = 위임된 관리자 역할
page-privileged = 권한이 큰 역할
page-until = 권한 기간
page-until-expected = { $period }({ $date }까지 예상)
page-optional = (선택)

## 초대 페이지

page-accept-title-both = 계약 동의 및 파트너 권한 부여
page-accept-title-partner = 파트너 권한 부여
page-accept-title-agreement = Microsoft 고객 계약(MCA) 동의
page-accept-lede-both = { $partner }에서 { $organization }에 파트너 관계와 Microsoft 고객 계약(MCA) 동의를 요청했습니다. 아래 내용을 확인한 뒤 동의하거나 거절해 주세요.
page-accept-lede-partner = { $partner }에서 { $organization }에 파트너 관계를 요청했습니다. 아래 내용을 확인한 뒤 권한을 부여하거나 거절해 주세요.
page-accept-lede-agreement = { $partner }에서 { $organization }에 Microsoft 고객 계약(MCA) 동의를 요청했습니다. 동의하기 전에는 파트너가 구독을 대신 구매하거나 관리할 수 없습니다.
page-accept-button-both = 동의하고 권한 부여
page-accept-button-partner = 파트너 권한 부여
page-accept-button-agreement = 동의
page-ways = 바로 가기
page-way-accept = 확인 및 서명
page-way-decline = 거절
page-way-print = 인쇄용 보기(내부 결재용)
page-who = 요청한 파트너
page-who-hint = 모르는 회사라면 동의하지 말고 거절해 주세요. 확인이 필요하면 이미 알고 있는 연락처로 문의해 주세요.
page-note = 파트너가 전하는 말
page-note-by = { $author }, { $partner }
page-asked = 요청 내용
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
page-agreement-changed-title = 계약이 새 버전으로 바뀌었습니다
page-agreement-changed-text = 이 페이지를 연 뒤에 계약이 바뀌었습니다. 아직 아무것도 기록되지 않았으니, 새 버전을 읽고 다시 확인해 주세요.
page-sign = 확인 및 서명
page-box-read = 위 계약을 읽고 확인했습니다.
page-box-authority = 소속 조직을 대표하여 동의할 권한이 있습니다.
page-signer = 서명하는 사람
page-family-name = 성
page-given-name = 이름
page-privacy = 이름, 이메일, 전화번호(입력한 경우), IP 주소와 브라우저 정보를 동의 사실을 증명하기 위해 수집하며, { $partner }에서 관계 종료 후 { $years }년간 보관합니다. 제공을 원하지 않으면 아래에서 거절할 수 있습니다.
page-sign-effect = 아래 버튼을 누르면 동의가 기록되고, 동의 확인서가 { $email } 주소로 발송됩니다.
page-evidence = 이 기록은 동의의 증거이며 Microsoft의 자체 절차를 대신하지 않습니다.
page-evidence-next = Microsoft에서 이어서 진행할 단계는 다음 화면에서 안내합니다.
page-decline = 거절
page-decline-lede = 초대 전체가 거절되고 사유가 파트너에게 전달됩니다. 거절한 초대는 되돌릴 수 없지만, 파트너가 새 초대를 보낼 수는 있습니다.
page-decline-reason = 거절 사유
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
page-error-phone = 전화번호는 숫자로 입력하거나 비워 두세요.
page-error-authority-missing = 동의할 권한이 있으면 확인란을 선택해 주세요. 권한이 없으면 ‘제가 담당자가 아닙니다’를 골라 거절해 주세요.
page-error-reason-missing = 거절 사유를 선택해 주세요.
page-error-too-long = { $max }자 이내로 입력해 주세요.
page-error-unusable = 사용할 수 없는 문자가 있습니다. 다시 입력해 주세요.

## 동의 확인서

page-receipt-title = 동의가 기록되었습니다
page-receipt-lede = { $signer } 님이 { $moment }에 { $organization } 명의로 동의했습니다.
page-receipt-mail = 동의 확인서는 { $email } 주소로 발송됩니다. 메일의 링크를 열면 이 페이지를 다시 볼 수 있습니다.
page-steps-open = 남은 단계 { $count }개
page-steps-done = Microsoft에서 진행한 단계
page-steps-lede = Microsoft 365 관리 센터에서 직접 진행해야 하는 단계입니다. 마친 뒤 완료로 표시하면 파트너에게 전달됩니다.
page-step-agreement-name = Microsoft 고객 계약(MCA) 동의
page-step-agreement-does = Microsoft는 관리 센터에서 고객이 직접 한 동의만 인정합니다.
page-step-reseller-name = 재판매인(리셀러) 관계 수락
page-step-reseller-does = 관리 센터에 로그인한 뒤 파트너의 요청을 수락해 주세요.
page-step-gdap-name = 세분화된 위임된 관리자 권한(GDAP) 승인
page-step-gdap-does = 고객사의 전역 관리자(Global Administrator)만 승인할 수 있습니다.
page-step-open = 관리 센터 열기
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
page-invitation = 초대 번호
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
page-stop-still-open = 초대는 그대로 유효합니다. { $moment }까지 받은 메일의 링크에서 동의하거나 거절할 수 있습니다.
page-stop-button = 알림 메일 그만 받기
page-stopped-title = 알림 메일을 보내지 않습니다
page-stopped-lede = { $organization }에 온 이 초대의 재안내 메일을 중지했습니다.

## 더 이상 쓸 수 없는 링크

page-dead-expired-title = 기한이 만료된 링크입니다
page-dead-expired-text = 이 링크는 { $moment }에 만료되었습니다. 동의나 거절은 기록되지 않았습니다.
page-dead-revoked-title = 철회된 초대입니다
page-dead-revoked-text = 파트너가 { $moment }에 이 초대를 철회했습니다. 더 진행할 일은 없습니다.
page-dead-replaced-title = 새 링크로 바뀐 초대입니다
page-dead-replaced-text = 더 나중에 받은 메일에 새 링크가 있습니다. 가장 최근 메일의 링크를 열어 주세요.
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
page-failure-too-large-title = 보낸 내용이 너무 깁니다
page-failure-too-large-text = 아무것도 기록되지 않았습니다. 내용을 줄여 다시 보내 주세요.
page-failure-too-many-title = 요청이 너무 많습니다
page-failure-too-many-text = { $seconds }초 뒤에 다시 시도해 주세요. 이미 기록된 내용은 그대로 있습니다.
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

### Stand-in
type-reseller-delegated-admin-name = 재판매인 및 위임된 관리자
type-reseller-delegated-admin-does = Microsoft 제품과 서비스를 판매하고, 고객사를 대신하여 관리합니다.
type-advisor-name = 조언자(Advisor)
type-advisor-does = 암호를 재설정하고 지원 요청을 처리합니다.
role-global-administrator-name = 전역 관리자(Global Administrator)
role-global-administrator-does = 모든 설정과 데이터에 접근하고 다른 관리자를 지정할 수 있습니다.
role-helpdesk-administrator-name = 기술 지원팀 관리자(Helpdesk Administrator)
role-helpdesk-administrator-does = 관리자가 아닌 사용자의 암호를 재설정하고 지원 요청을 처리합니다.
