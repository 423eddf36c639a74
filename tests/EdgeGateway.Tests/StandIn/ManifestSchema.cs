namespace EdgeGateway.Tests.StandIn;

/// <summary>What the IoT Edge agent and hub demand of a deployment, written from their documents (schema versions 1.0 and 1.1 of the twins of $edgeAgent and $edgeHub; properties of layered deployments).</summary>
internal static class ManifestSchema
{
    public const string Text = """
        {
          "$schema": "http://json-schema.org/draft-07/schema#",
          "type": "object", "required": ["modulesContent"], "additionalProperties": false,
          "properties": { "modulesContent": {
            "type": "object", "minProperties": 1,
            "properties": {
              "$edgeAgent": {
                "type": "object", "additionalProperties": false,
                "properties": { "properties.desired": { "$ref": "#/definitions/agent" } },
                "patternProperties": { "^properties\\.desired\\.modules\\.[A-Za-z0-9_-]+$": { "$ref": "#/definitions/module" } } },
              "$edgeHub": {
                "type": "object", "additionalProperties": false,
                "properties": { "properties.desired": { "$ref": "#/definitions/hub" } },
                "patternProperties": { "^properties\\.desired\\.routes\\.[A-Za-z0-9_-]+$": { "$ref": "#/definitions/route" } } } },
            "additionalProperties": { "type": "object", "additionalProperties": false, "patternProperties": { "^properties\\.desired(\\.[^.$# ]+)*$": {} } } } },
          "definitions": {
            "agent": {
              "type": "object", "required": ["schemaVersion", "runtime", "systemModules", "modules"], "additionalProperties": false,
              "properties": {
                "schemaVersion": { "enum": ["1.0", "1.1"] },
                "runtime": { "type": "object", "required": ["type", "settings"], "properties": { "type": { "enum": ["docker"] }, "settings": { "type": "object", "properties": { "minDockerVersion": { "type": "string" }, "loggingOptions": { "type": "string" }, "registryCredentials": { "type": "object" } } } } },
                "systemModules": { "type": "object", "required": ["edgeAgent", "edgeHub"], "additionalProperties": false, "properties": { "edgeAgent": { "$ref": "#/definitions/systemAgent" }, "edgeHub": { "$ref": "#/definitions/systemHub" } } },
                "modules": { "type": "object", "additionalProperties": { "$ref": "#/definitions/module" } } } },
            "systemAgent": { "type": "object", "required": ["type", "settings"], "additionalProperties": false, "properties": { "type": { "enum": ["docker"] }, "settings": { "$ref": "#/definitions/settings" }, "env": { "$ref": "#/definitions/env" }, "imagePullPolicy": { "$ref": "#/definitions/pull" } } },
            "systemHub": { "type": "object", "required": ["type", "settings", "status", "restartPolicy"], "additionalProperties": false, "properties": { "type": { "enum": ["docker"] }, "status": { "enum": ["running"] }, "restartPolicy": { "enum": ["always"] }, "startupOrder": { "type": "integer", "minimum": 0 }, "settings": { "$ref": "#/definitions/settings" }, "env": { "$ref": "#/definitions/env" }, "imagePullPolicy": { "$ref": "#/definitions/pull" } } },
            "module": { "type": "object", "required": ["version", "type", "status", "restartPolicy", "settings"], "additionalProperties": false, "properties": { "version": { "type": "string" }, "type": { "enum": ["docker"] }, "status": { "enum": ["running", "stopped"] }, "restartPolicy": { "enum": ["never", "on-failure", "on-unhealthy", "always"] }, "startupOrder": { "type": "integer", "minimum": 0, "maximum": 4294967295 }, "imagePullPolicy": { "$ref": "#/definitions/pull" }, "env": { "$ref": "#/definitions/env" }, "settings": { "$ref": "#/definitions/settings" } } },
            "settings": { "type": "object", "required": ["image"], "additionalProperties": false, "properties": { "image": { "type": "string", "pattern": "^([a-z0-9._:-]+/)*[a-z0-9._-]+(:[A-Za-z0-9._-]+|@sha256:[0-9a-f]{64})?$" } }, "patternProperties": { "^createOptions(0[1-9]|[1-9][0-9])?$": { "type": "string" } } },
            "pull": { "enum": ["on-create", "never"] },
            "env": { "type": "object", "additionalProperties": { "type": "object", "required": ["value"], "properties": { "value": { "type": ["string", "number", "boolean"] } } } },
            "hub": {
              "type": "object", "required": ["schemaVersion", "routes", "storeAndForwardConfiguration"], "additionalProperties": false,
              "properties": { "schemaVersion": { "enum": ["1.0", "1.1", "1.2", "1.3"] }, "routes": { "type": "object", "additionalProperties": { "$ref": "#/definitions/route" } }, "storeAndForwardConfiguration": { "type": "object", "required": ["timeToLiveSecs"], "properties": { "timeToLiveSecs": { "type": "integer", "minimum": 0 } } } } },
            "route": { "oneOf": [ { "$ref": "#/definitions/from" }, { "type": "object", "required": ["route"], "additionalProperties": false, "properties": { "route": { "$ref": "#/definitions/from" }, "priority": { "type": "integer", "minimum": 0, "maximum": 9 }, "timeToLiveSecs": { "type": "integer", "minimum": 0, "maximum": 4294967295 } } } ] },
            "from": { "type": "string", "pattern": "^FROM /.+ INTO (\\$upstream|BrokeredEndpoint\\(\"/modules/[^/\"]+/inputs/[^/\"]+\"\\))$" } } }
        """;
}
