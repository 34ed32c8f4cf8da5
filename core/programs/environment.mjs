/**
 * Environment variables that may hold a secret, and the roles that need each.
 * @type {Record<string, string[]>}
 */
const rolesOf = {
  NOWCAST_ADMIN_TOKEN: ['manager'],
  DATABASE_URL: ['manager'],
  NOWCAST_CLUSTER_SECRET: ['ingest', 'transcoder', 'manager'],
  // On one machine the edge reads its secret from the data dir.
  NOWCAST_EDGE_SECRET: [],
  NOWCAST_S3_ACCESS_KEY_ID: ['transcoder'],
  NOWCAST_S3_SECRET_ACCESS_KEY: ['transcoder'],
  REDIS_URL: ['ingest', 'transcoder', 'edge', 'manager'],
}

/**
 * Returns an environment without the secrets that a role does not need; without any secret when there is no
 * role.
 * @param {NodeJS.ProcessEnv} environment
 * @param {string} [role]
 * @returns {NodeJS.ProcessEnv}
 */
export const withoutSecrets = (environment, role = '') =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => rolesOf[name]?.includes(role) ?? true))

/** Variables by which programs of the system find their parts. */
const systemVariables = ['PATH', 'LD_LIBRARY_PATH', 'MALLOC_ARENA_MAX']

/**
 * Returns the environment of programs that are not ours. All else in ours may be a secret.
 * @param {NodeJS.ProcessEnv} environment
 * @returns {NodeJS.ProcessEnv}
 */
export const programEnvironment = (environment) => ({
  LANG: 'C',
  ...Object.fromEntries(Object.entries(environment).filter(([name]) => systemVariables.includes(name))),
})
