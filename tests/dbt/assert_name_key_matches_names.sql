{#- Names that are the same to the office have the same key, names that are not have different ones. -#}
-- Stops what is built on these macros: depends_on: {{ ref('business_units') }}

with

cases as (

    select
        'Andy' || chr(39) || 's Painting-Sales' as one_name,
        'Andy’s Painting–Sales' as other_name,
        true as is_same
    union all
    select
        '  ESTIMATE- WINDOW   WASHING ' as one_name,
        'estimate- window washing' as other_name,
        true as is_same
    union all
    select
        'Company Training' || chr(160) as one_name,
        'Company Training' as other_name,
        true as is_same
    union all
    select
        'Company' || chr(9) || 'Training' as one_name,
        'Company Training' as other_name,
        true as is_same
    union all
    select
        'ESTIMATE−RES-EXT' as one_name,
        'ESTIMATE-RES-EXT' as other_name,
        true as is_same
    union all
    select
        'Andy' || chr(39) || 's Painting Sales' as one_name,
        'Andy' || chr(39) || 's Painting-Sales' as other_name,
        false as is_same
    union all
    select
        'ESTIMATE- RES' as one_name,
        'ESTIMATE-RES' as other_name,
        false as is_same
    union all
    select
        'Touchup' as one_name,
        'Touch up' as other_name,
        false as is_same

)

select *
from cases
where ({{ name_key('one_name') }} = {{ name_key('other_name') }}) != is_same
