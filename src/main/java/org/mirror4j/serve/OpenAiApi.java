package org.mirror4j.serve;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import java.util.List;
import java.util.OptionalInt;
import org.mirror4j.EncodedText;
import org.mirror4j.file.FileException;

/**
 * {@code POST /v1/embeddings} as OpenAI has it. {@code model} may be any name and is said again;
 * {@code dimensions} keeps the first elements, which are divided by their length again where the
 * model's vectors are; arrays of token ids, which are of OpenAI's vocabularies, are refused.
 */
final class OpenAiApi implements EmbeddingApi {
  private static final String INPUT = "input";

  private final ServedModel model;
  private final boolean truncate;

  /**
   * @param truncate whether texts that are too long are cut: a request cannot say
   */
  OpenAiApi(ServedModel model, boolean truncate) {
    this.model = model;
    this.truncate = truncate;
  }

  @Override
  public EmbeddingRequest read(JsonBody body) throws IOException {
    List<String> texts = null;
    String asked = model.name();
    OptionalInt dimensions = OptionalInt.empty();
    boolean base64 = false;
    for (String field = body.next(); field != null; field = body.next()) {
      if (field.equals(INPUT)) {
        texts = body.texts();
      } else if (body.isNull()) {
        continue;
      } else {
        switch (field) {
          case "model" -> asked = body.string();
          case "dimensions" -> dimensions = OptionalInt.of(body.integer(1, model.dimensions()));
          case "encoding_format" -> base64 = isBase64(body.string());
          default -> body.skip();
        }
      }
    }
    if (texts == null) {
      throw new Refusal(Refusal.Kind.WRONG, INPUT, "'input' is missing, expected text");
    }
    if (texts.isEmpty()) {
      throw new Refusal(Refusal.Kind.EMPTY, INPUT, "'input' is an empty array, expected text");
    }
    VectorForm form = new VectorForm(dimensions, dimensions.isPresent() && model.normalized());
    return new EmbeddingRequest(INPUT, texts, asked, truncate, form, base64);
  }

  private static boolean isBase64(String format) {
    return switch (format) {
      case "base64" -> true;
      case "float" -> false;
      default ->
          throw new Refusal(
              Refusal.Kind.WRONG,
              "encoding_format",
              "'encoding_format' is %s, expected float or base64"
                  .formatted(FileException.quote(format)));
    };
  }

  @Override
  public void write(JsonGenerator json, EmbeddingRequest request, List<EncodedText> encoded)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("object", "list");
    json.writeArrayFieldStart("data");
    long tokens = 0;
    for (int i = 0; i < encoded.size(); i++) {
      float[] vector = request.form().of(encoded.get(i).vector());
      tokens += encoded.get(i).tokens();
      json.writeStartObject();
      json.writeStringField("object", "embedding");
      json.writeNumberField("index", i);
      json.writeFieldName("embedding");
      if (request.base64()) {
        json.writeString(base64(vector));
      } else {
        JsonAnswers.vector(json, vector);
      }
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeStringField("model", request.model());
    json.writeObjectFieldStart("usage");
    json.writeNumberField("prompt_tokens", tokens);
    json.writeNumberField("total_tokens", tokens);
    json.writeEndObject();
    json.writeEndObject();
  }

  /** The elements as f32, the least significant byte first. */
  private static String base64(float[] vector) {
    ByteBuffer bytes =
        ByteBuffer.allocate(vector.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(vector);
    return Base64.getEncoder().encodeToString(bytes.array());
  }

  /** Writes what {@code GET /v1/models} answers. */
  void models(JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeStringField("object", "list");
    json.writeArrayFieldStart("data");
    json.writeStartObject();
    json.writeStringField("id", model.name());
    json.writeStringField("object", "model");
    json.writeNumberField("created", 0);
    json.writeStringField("owned_by", "mirror4j");
    json.writeEndObject();
    json.writeEndArray();
    json.writeEndObject();
  }

  @Override
  public int status(Refusal.Kind kind) {
    return switch (kind) {
      case MALFORMED, WRONG, EMPTY, TOO_MANY, TOO_LONG, UNCOMPUTABLE -> 400;
      case UNAUTHORIZED -> 401;
      case NOT_FOUND -> 404;
      case WRONG_METHOD -> 405;
      case TOO_LARGE -> 413;
      case WRONG_TYPE -> 415;
      case OVERLOADED -> 429;
      case LATE, STOPPING -> 503;
      case FAILED -> 500;
    };
  }

  @Override
  public void write(JsonGenerator json, Refusal refusal) throws IOException {
    json.writeStartObject();
    json.writeObjectFieldStart("error");
    json.writeStringField("message", refusal.getMessage());
    json.writeStringField(
        "type",
        switch (refusal.kind()) {
          case UNAUTHORIZED -> "authentication_error";
          case OVERLOADED -> "rate_limit_error";
          case LATE, STOPPING, FAILED -> "server_error";
          default -> "invalid_request_error";
        });
    json.writeStringField("param", refusal.field().orElse(null));
    json.writeStringField(
        "code",
        switch (refusal.kind()) {
          case UNAUTHORIZED -> "invalid_api_key";
          case OVERLOADED -> "rate_limit_exceeded";
          case TOO_LONG -> "context_length_exceeded";
          default -> null;
        });
    json.writeEndObject();
    json.writeEndObject();
  }
}
