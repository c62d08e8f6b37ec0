package org.mirror4j.serve;

import java.util.List;

/**
 * What a request asks for, whichever API it came by.
 *
 * @param field that has the texts, for messages
 * @param texts at least one
 * @param model what the client calls it
 * @param truncate whether texts that are too long are cut
 * @param base64 whether vectors are sent as bytes in base64, where the API has that
 */
record EmbeddingRequest(
    String field,
    List<String> texts,
    String model,
    boolean truncate,
    VectorForm form,
    boolean base64) {}
