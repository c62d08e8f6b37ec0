package org.mirror4j.serve;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.List;
import org.mirror4j.EncodedText;

/**
 * What clients of one kind send and expect: data to data. Fields that an API does not know are
 * passed over, as its own servers do; what is asked for and cannot be done is refused by name.
 */
sealed interface EmbeddingApi permits OpenAiApi, TextEmbeddingsInferenceApi {
  /**
   * What a body asks for.
   *
   * @throws Refusal if that is nothing that can be done
   */
  EmbeddingRequest read(JsonBody body) throws IOException;

  /** Writes the answer. */
  void write(JsonGenerator json, EmbeddingRequest request, List<EncodedText> encoded)
      throws IOException;

  /** The status of an answer without vectors. */
  int status(Refusal.Kind kind);

  /** Writes that there are no vectors. */
  void write(JsonGenerator json, Refusal refusal) throws IOException;
}
