package org.mirror4j.serve;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.List;
import java.util.OptionalInt;
import org.mirror4j.EncodedText;
import org.mirror4j.device.Versions;
import org.mirror4j.file.FileException;

/**
 * {@code POST /embed} as HuggingFace's text-embeddings-inference has it: {@code inputs}, {@code
 * truncate}, {@code normalize}, which is true where nothing is said, and {@code dimensions}.
 */
final class TextEmbeddingsInferenceApi implements EmbeddingApi {
  private static final String INPUTS = "inputs";

  private final ServedModel model;
  private final boolean truncate;
  private final Limits limits;

  /**
   * @param truncate whether texts that are too long are cut where a request does not say
   */
  TextEmbeddingsInferenceApi(ServedModel model, boolean truncate, Limits limits) {
    this.model = model;
    this.truncate = truncate;
    this.limits = limits;
  }

  @Override
  public EmbeddingRequest read(JsonBody body) throws IOException {
    List<String> texts = null;
    boolean cut = truncate;
    boolean normalize = true;
    OptionalInt dimensions = OptionalInt.empty();
    for (String field = body.next(); field != null; field = body.next()) {
      if (field.equals(INPUTS)) {
        texts = body.texts();
      } else if (body.isNull()) {
        continue;
      } else {
        switch (field) {
          case "truncate" -> cut = body.truth();
          case "normalize" -> normalize = body.truth();
          case "dimensions" -> dimensions = OptionalInt.of(body.integer(1, model.dimensions()));
          case "truncation_direction" -> requireDirection(body.string());
          case "prompt_name" -> throw promptName(body.string());
          default -> body.skip();
        }
      }
    }
    if (texts == null) {
      throw new Refusal(Refusal.Kind.WRONG, INPUTS, "'inputs' is missing, expected text");
    }
    if (texts.isEmpty()) {
      throw new Refusal(Refusal.Kind.EMPTY, INPUTS, "'inputs' is an empty array, expected text");
    }
    if (!normalize && model.normalized()) {
      throw new Refusal(
          Refusal.Kind.WRONG,
          "normalize",
          "'normalize' is false, expected true: %s says itself that vectors are divided by their length"
              .formatted(model.name()));
    }
    return new EmbeddingRequest(
        INPUTS, texts, model.name(), cut, form(dimensions, normalize), false);
  }

  /** What the model has divided already is left as it is, to the bit. */
  private VectorForm form(OptionalInt dimensions, boolean normalize) {
    return new VectorForm(dimensions, normalize && (dimensions.isPresent() || !model.normalized()));
  }

  private void requireDirection(String direction) {
    String expected = model.cutsLeft() ? "Left" : "Right";
    if (!direction.equalsIgnoreCase(expected)) {
      throw new Refusal(
          Refusal.Kind.WRONG,
          "truncation_direction",
          "'truncation_direction' is %s, expected %s: the model's tokenizer says where it cuts"
              .formatted(FileException.quote(direction), expected));
    }
  }

  private static Refusal promptName(String name) {
    return new Refusal(
        Refusal.Kind.WRONG,
        "prompt_name",
        "'prompt_name' is %s, expected none: the server has one prompt, which is set at its start"
            .formatted(FileException.quote(name)));
  }

  @Override
  public void write(JsonGenerator json, EmbeddingRequest request, List<EncodedText> encoded)
      throws IOException {
    json.writeStartArray();
    for (EncodedText text : encoded) {
      JsonAnswers.vector(json, request.form().of(text.vector()));
    }
    json.writeEndArray();
  }

  /** Writes what {@code GET /info} answers. */
  void info(JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeStringField("model_id", model.name());
    json.writeObjectFieldStart("model_type");
    json.writeObjectFieldStart("embedding");
    json.writeEndObject();
    json.writeEndObject();
    json.writeNumberField("max_concurrent_requests", limits.connections());
    json.writeNumberField("max_input_length", model.maxLength());
    json.writeNumberField("max_batch_tokens", TextBatcher.BATCH_TOKENS);
    json.writeNumberField("max_client_batch_size", limits.texts());
    json.writeBooleanField("auto_truncate", truncate);
    json.writeStringField("version", Versions.mirror4j());
    json.writeEndObject();
  }

  @Override
  public int status(Refusal.Kind kind) {
    return switch (kind) {
      case MALFORMED, EMPTY -> 400;
      case UNAUTHORIZED -> 401;
      case NOT_FOUND -> 404;
      case WRONG_METHOD -> 405;
      case TOO_LARGE, TOO_MANY, TOO_LONG -> 413;
      case WRONG_TYPE -> 415;
      case WRONG, UNCOMPUTABLE -> 422;
      case FAILED -> 424;
      case OVERLOADED -> 429;
      case LATE, STOPPING -> 503;
    };
  }

  @Override
  public void write(JsonGenerator json, Refusal refusal) throws IOException {
    json.writeStartObject();
    json.writeStringField("error", refusal.getMessage());
    json.writeStringField(
        "error_type",
        switch (refusal.kind()) {
          case EMPTY -> "Empty";
          case UNCOMPUTABLE -> "Tokenizer";
          case FAILED -> "Backend";
          case OVERLOADED -> "Overloaded";
          case LATE, STOPPING -> "Unhealthy";
          default -> "Validation";
        });
    json.writeEndObject();
  }
}
