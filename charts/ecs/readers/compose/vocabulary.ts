/**
 * Field names of compose files, for "did you mean" and for telling a compose file.
 * Source: Compose specification; compose file format 1 to 3.
 */
export const VOCABULARY: ReadonlySet<string> = new Set(
  `version name services volumes networks secrets configs include image build command entrypoint environment env_file ports
   expose volumes_from depends_on healthcheck test interval timeout retries start_period start_interval disable cpus
   cpu_shares cpu_quota cpu_period cpu_count cpu_percent cpuset mem_limit mem_reservation memswap_limit mem_swappiness
   deploy resources limits reservations memory pids devices capabilities driver count device_ids replicas restart_policy
   update_config rollback_config placement labels mode endpoint_mode cap_add cap_drop dns dns_search dns_opt extra_hosts
   hostname domainname init links external_links logging options log_driver log_opt privileged read_only restart
   security_opt shm_size stop_grace_period stop_signal sysctls tmpfs ulimits user working_dir pid ipc network_mode tty
   stdin_open container_name profiles scale extends platform pull_policy group_add runtime userns_mode gpus target
   published protocol host_ip app_protocol source type bind volume size external driver_opts soft hard condition required
   permissions`.split(/\s+/),
);

/** Field names of `ecs-params.yml`. Source: Amazon ECS Developer Guide, "Using Amazon ECS parameters". */
export const PARAMS_VOCABULARY: ReadonlySet<string> = new Set(
  `version task_definition run_params ecs_network_mode task_role_arn task_execution_role task_size cpu_limit mem_limit
   pid_mode ipc_mode placement_constraints efs_volumes docker_volumes services essential repository_credentials
   credentials_parameter cpu_shares mem_reservation gpu init_process_enabled secrets value_from name logging secret_options
   firelens_configuration type options healthcheck test command interval timeout retries start_period depends_on
   container_name condition filesystem_id root_directory transit_encryption transit_encryption_port access_point iam scope
   autoprovision driver driver_opts labels network_configuration awsvpc_configuration subnets security_groups
   assign_public_ip task_placement strategy constraints field expression service_discovery container_port
   private_dns_namespace public_dns_namespace id vpc description service_discovery_service dns_config ttl
   healthcheck_custom_config failure_threshold`.split(/\s+/),
);
