/**
 * Vectors over HTTP: {@link org.mirror4j.serve.EmbeddingServer} answers OpenAI's {@code
 * /v1/embeddings} and {@code /v1/models}, text-embeddings-inference's {@code /embed} and {@code
 * /info}, {@code /health} and {@code /metrics}.
 *
 * <pre>
 *   RequestHandler    paths, methods, token, statuses      the one class beside EmbeddingServer
 *     |                                                    and Reply that knows of HTTP
 *   OpenAiApi, TextEmbeddingsInferenceApi                  JSON to EmbeddingRequest, vectors to JSON
 *     |
 *   EmbeddingService  limits, waiting, what is refused
 *     |
 *   TextBatcher       texts of all who wait, in batches, through a TextEngine
 * </pre>
 *
 * <p>The server is the JDK's own (module {@code jdk.httpserver}) with a virtual thread a request.
 * It bounds the whole time of a request and of an answer, which a limit on the time between two
 * bytes, as Helidon has it, does not: a client that sends a byte a second is closed. It keeps to
 * the most connections and to the most bytes of a head. Three weak spots are worked round: its
 * limits are properties of the system, read once ({@code JdkServerProperties}); an exchange that is
 * closed without an answer is forgotten late, so that handlers throw instead ({@code
 * RequestHandler}), and it is never counted down, so that stopping counts by itself ({@code
 * EmbeddingServer}); and it does not see that a waiting client has gone ({@code ClosedPeers}).
 *
 * <p>Every other connection of the project is opened by {@code fetch}; nothing here opens one.
 */
package org.mirror4j.serve;
