{#- Literal cases of the date macros, the same on every warehouse. -#}
-- Stops what is built on these macros: depends_on: {{ ref('stg_servicetitan__jobs') }}

with

cases as (

    select
        'the Monday of a Sunday' as says,
        {{ monday_of("cast('2025-10-26' as date)") }} as found,
        cast('2025-10-20' as date) as expected
    union all
    select
        'the Monday of a Monday' as says,
        {{ monday_of("cast('2025-10-20' as date)") }} as found,
        cast('2025-10-20' as date) as expected
    union all
    select
        'the month of a 31st' as says,
        {{ first_of_month("cast('2025-12-31' as date)") }} as found,
        cast('2025-12-01' as date) as expected
    union all
    select
        'a year after 29 February' as says,
        {{ add_years("cast('2028-02-29' as date)", 1) }} as found,
        cast('2029-02-28' as date) as expected
    union all
    select
        'a day before 1 March of a leap year' as says,
        {{ add_days("cast('2028-03-01' as date)", -1) }} as found,
        cast('2028-02-29' as date) as expected

),

numbers as (

    select
        'the working days of October 2025' as says,
        {{ working_days("cast('2025-10-01' as date)", "cast('2025-10-31' as date)") }} as found,
        23 as expected
    union all
    select
        'no working day on a weekend' as says,
        {{ working_days("cast('2025-11-01' as date)", "cast('2025-11-02' as date)") }} as found,
        0 as expected
    union all
    select
        'the working days of a Sunday and the Monday after' as says,
        {{ working_days("cast('2025-11-02' as date)", "cast('2025-11-03' as date)") }} as found,
        1 as expected

)

select says
from cases
where found is distinct from expected

union all

select says
from numbers
where found is distinct from expected
