select
    id as job_id,
    jobNumber as job_number,
    nullif(businessUnitId, 0) as business_unit_id,
    nullif(jobTypeId, 0) as job_type_id,
    nullif(campaignId, 0) as campaign_id,
    nullif(customerId, 0) as customer_id,
    nullif(locationId, 0) as location_id,
    nullif(firstAppointmentId, 0) as first_appointment_id,
    jobStatus as job_status,
    noCharge as is_no_charge,
    {{ local_date('createdOn') }} as created_date,
    {{ local_date('completedOn') }} as completed_date,
    createdOn as created_at,
    completedOn as completed_at,
    modifiedOn as modified_at

from {{ source('servicetitan', 'raw_jobs') }}
