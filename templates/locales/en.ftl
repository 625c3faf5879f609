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
