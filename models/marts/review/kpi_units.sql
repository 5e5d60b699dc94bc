select
    reporting_unit as business_unit,
    unit_kind,
    region,
    region_name
from {{ ref('dim_reporting_units') }}
