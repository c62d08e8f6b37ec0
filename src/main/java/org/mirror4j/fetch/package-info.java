/**
 * Downloads of models: from Maven repositories ({@link org.mirror4j.fetch.MavenModels}) and from
 * HuggingFace ({@link org.mirror4j.fetch.HubModels}). The only package that opens a connection.
 */
package org.mirror4j.fetch;
