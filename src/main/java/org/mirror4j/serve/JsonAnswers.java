package org.mirror4j.serve;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.OutputStream;

/** Writes JSON to clients as it is made, so that no answer lies in memory whole. */
final class JsonAnswers {
  private static final JsonFactory FACTORY = new JsonFactory();

  private JsonAnswers() {}

  /** Writes one value. */
  @FunctionalInterface
  interface Value {
    void write(JsonGenerator json) throws IOException;
  }

  /** Writes a value in UTF-8; the stream stays open. */
  static void write(OutputStream out, Value value) throws IOException {
    try (JsonGenerator json =
        FACTORY.createGenerator(out).disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)) {
      value.write(json);
    }
  }

  /** Writes a vector; each number has as many digits as it takes to read the same float back. */
  static void vector(JsonGenerator json, float[] vector) throws IOException {
    json.writeStartArray();
    for (float value : vector) {
      json.writeNumber(value);
    }
    json.writeEndArray();
  }
}
