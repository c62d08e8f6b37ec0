package org.mirror4j.langchain4j;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.listener.EmbeddingModelListener;
import dev.langchain4j.model.embedding.request.EmbeddingInput;
import dev.langchain4j.model.embedding.request.EmbeddingRequest;
import dev.langchain4j.model.embedding.response.EmbeddingResponse;
import dev.langchain4j.model.output.TokenUsage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.mirror4j.EncodedText;
import org.mirror4j.Encoder;
import org.mirror4j.EncoderSettings;

/**
 * An {@link Encoder} as an embedding model. Any number of threads may use one; a request of any
 * number of texts is answered in their order. Usage counts the tokens that were computed, prompt
 * and special tokens included. The prompt, the pooling and the like are the encoder's: no parameter
 * of a request is supported, and no content but text.
 *
 * <p>The encoder belongs to the model and is closed with it. What fails is a {@link
 * org.mirror4j.Mirror4jException}, and the use of what is closed an {@link IllegalStateException}.
 */
public final class Mirror4jEmbeddingModel implements EmbeddingModel, AutoCloseable {
  private final Encoder encoder;
  private final String modelName;
  private final List<EmbeddingModelListener> listeners;

  /**
   * A model that nobody listens to.
   *
   * @param encoder closed with this model
   * @param modelName what responses call it
   */
  public Mirror4jEmbeddingModel(Encoder encoder, String modelName) {
    this(encoder, modelName, List.of());
  }

  /**
   * A model.
   *
   * @param encoder closed with this model
   * @param modelName what responses call it
   * @param listeners told of each request, in this order
   */
  public Mirror4jEmbeddingModel(
      Encoder encoder, String modelName, List<EmbeddingModelListener> listeners) {
    this.encoder = Objects.requireNonNull(encoder, "encoder");
    this.modelName = Objects.requireNonNull(modelName, "modelName");
    this.listeners = List.copyOf(listeners);
  }

  /**
   * Loads a model directory, which gives the model its name.
   *
   * @param directory as {@link Encoder#load(Path, EncoderSettings)} takes it
   * @param settings how vectors are computed
   * @return a model, to be closed
   * @throws IllegalArgumentException as {@link Encoder#load(Path, EncoderSettings)} does
   * @throws org.mirror4j.Mirror4jException as {@link Encoder#load(Path, EncoderSettings)} does
   */
  public static Mirror4jEmbeddingModel load(Path directory, EncoderSettings settings) {
    return new Mirror4jEmbeddingModel(
        Encoder.load(directory, settings),
        directory.toAbsolutePath().normalize().getFileName().toString());
  }

  @Override
  public EmbeddingResponse doEmbed(EmbeddingRequest request) {
    List<Embedding> embeddings = new ArrayList<>();
    List<Integer> tokens = new ArrayList<>();
    encoder.embed(
        request.inputs().stream().map(EmbeddingInput::text).iterator(),
        (EncodedText encoded) -> {
          embeddings.add(Embedding.from(encoded.vector()));
          tokens.add(encoded.tokens());
        });
    return EmbeddingResponse.builder()
        .embeddings(embeddings)
        .modelName(modelName)
        .tokenUsage(new TokenUsage(tokens.stream().reduce(0, Math::addExact)))
        .build();
  }

  @Override
  public int dimension() {
    return encoder.dimensions();
  }

  @Override
  public String modelName() {
    return modelName;
  }

  @Override
  public List<EmbeddingModelListener> listeners() {
    return listeners;
  }

  /** Closes the encoder: see {@link Encoder#close}. */
  @Override
  public void close() {
    encoder.close();
  }
}
