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
