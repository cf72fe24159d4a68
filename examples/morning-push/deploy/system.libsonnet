// What staging and production share, which is nearly everything. `manifest` is what `gate manifest`
// wrote; `environment` is what the two files beside this one say. Gives the objects to apply.
function(manifest, environment)
  local revision = manifest.source.digest.gitCommit;
  local known = { [service.name]: service for service in manifest.services };

  // By digest only: what staging proved is, byte for byte, what production runs.
  local image(name) =
    local of = known[name].image;
    if std.objectHas(of.digest, 'sha256') then of.uri + '@sha256:' + of.digest.sha256
    else error 'the manifest has no digest for ' + name;

  local metadata(name) = {
    name: name,
    namespace: environment.namespace,
    labels: {
      'app.kubernetes.io/name': name,
      'app.kubernetes.io/part-of': 'system',
      'app.kubernetes.io/managed-by': 'gate',
    },
  };

  local deployment(name, container={}) = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metadata(name) {
      labels+: { 'app.kubernetes.io/version': std.substr(revision, 0, 12) },
      annotations: {
        'org.opencontainers.image.revision': revision,
        'gate.wrk.example/release': manifest.release.id,
      },
    },
    spec: {
      replicas: environment.replicas[name],
      selector: { matchLabels: { 'app.kubernetes.io/name': name } },
      template: {
        // Nothing here changes with the release: a service whose image stays is not restarted.
        metadata: { labels: metadata(name).labels },
        spec: {
          securityContext: { runAsNonRoot: true, runAsUser: 65534 },
          containers: [{
            name: name,
            image: image(name),
            env: [{ name: 'DATABASE', valueFrom: { secretKeyRef: { name: 'database', key: 'path' } } }],
            resources: { requests: { cpu: '50m', memory: '64Mi' }, limits: { memory: '256Mi' } },
          } + container],
        },
      },
    },
  };

  [
    deployment('api', {
      ports: [{ name: 'http', containerPort: 8080 }],
      readinessProbe: { httpGet: { path: '/healthz', port: 'http' } },
    }),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: metadata('api'),
      spec: {
        selector: { 'app.kubernetes.io/name': 'api' },
        ports: [{ name: 'http', port: 80, targetPort: 'http' }],
      },
    },
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: metadata('api'),
      spec: {
        rules: [{
          host: environment.host,
          http: { paths: [{
            path: '/',
            pathType: 'Prefix',
            backend: { service: { name: 'api', port: { name: 'http' } } },
          }] },
        }],
      },
    },
    deployment('worker'),
  ]
