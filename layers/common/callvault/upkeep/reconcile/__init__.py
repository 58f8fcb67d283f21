"""Compare what the providers list with the table, and take in what the archive does not have.

`schedule` queues one message for each account, and `neighbours` says which accounts must not be
compared. `run` works for one message: it covers one day of the account's lists after another, in
the order of `plan`. `day` reads the lists of one day, `rows` finds the rows of what is listed,
`steps` says what each row needs, `intake` does it, and `tally` adds up the day's report. `outcomes`
ends a run. `lease` keeps two messages from working on one account at the same time, and `progress`
lets one message go on where another one stopped.
"""
