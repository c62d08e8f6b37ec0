package org.mirror4j.encode;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.mirror4j.bert.BertModel;
import org.mirror4j.bert.TextEncoder;
import org.mirror4j.calibrate.VectorMap;
import org.mirror4j.device.Device;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.tensor.Ownership;
import org.mirror4j.text.Tokenizer;

/**
 * A model on a device of its own thread. On the processor there can be several that read one copy
 * of the weights, that of the first: each has its device, its threads and its activations.
 */
public final class ModelEngine implements EnginePool.Engine {
  /**
   * A model that engines share.
   *
   * @param label of the device that it was loaded on
   * @param weights whose memory it is
   * @param notes what a user should know of how it was read, a line each
   */
  private record SharedModel(
      String label,
      BertModel model,
      Ownership weights,
      Tokenizer tokenizer,
      List<VectorMap> maps,
      Encoding.Resolved encoding,
      List<String> notes) {}

  /**
   * What there is to say of an engine.
   *
   * @param device in a line, with why it is this one where that was left open
   * @param dimensions elements of a vector
   * @param maxLength tokens of the longest text that is not cut
   * @param cutsLeft whether of a text that is too long the end is kept
   * @param normalized whether vectors have a length of 1: are divided by theirs and not cut then
   * @param notes what a user should know of how the model was read, a line each
   */
  public record Facts(
      String device,
      int dimensions,
      int maxLength,
      boolean cutsLeft,
      boolean normalized,
      List<String> notes) {}

  private final Device device;
  private final SharedModel shared;
  private final TextEncoder encoder;

  /** Null where it is another engine's. */
  private final LoadedModel loaded;

  private ModelEngine(Device device, LoadedModel loaded, SharedModel shared) {
    this.device = device;
    this.loaded = loaded;
    this.shared = shared;
    encoder =
        new TextEncoder(
            device.computingForward(shared.encoding().precision()),
            shared.model(),
            shared.tokenizer(),
            shared.maps(),
            shared.encoding().options());
  }

  /**
   * Loads a model.
   *
   * @param opened device of the calling thread, closed with this engine or when that fails
   * @param name of the model, for messages
   * @throws org.mirror4j.file.FileException if the directory is no model
   * @throws org.mirror4j.text.TextException if it has no usable tokenizer
   * @throws IllegalArgumentException if model or device cannot do what is asked for
   */
  public static ModelEngine load(Devices.Opened opened, Path path, String name, Encoding encoding) {
    Device device = opened.device();
    LoadedModel loaded = null;
    try {
      loaded = new LoadedModel(device, path);
      List<String> notes = new ArrayList<>();
      Encoding.Resolved resolved = encoding.resolve(loaded, name, notes::add, notes::add);
      BertModel model = loaded.publish(resolved.precision());
      SharedModel shared =
          new SharedModel(
              opened.label(),
              model,
              model.parameters().ownership(),
              loaded.tokenizer(),
              loaded.maps(),
              resolved,
              List.copyOf(notes));
      return new ModelEngine(device, loaded, shared);
    } catch (RuntimeException | Error e) {
      try (device;
          LoadedModel _ = loaded) {
        throw e;
      }
    }
  }

  /** Whether there can be engines beside this one. */
  public boolean sharesWeights() {
    return device instanceof HostDevice;
  }

  /**
   * An engine of the calling thread that reads the weights of this one, which is to be closed after
   * it.
   *
   * @param threads that compute
   */
  public ModelEngine beside(int threads) {
    return beside(new HostDevice(threads));
  }

  /** The same on a device of the calling thread, closed with the engine. */
  ModelEngine beside(Device device) {
    try {
      device.ownership().read(shared.weights());
      return new ModelEngine(device, null, shared);
    } catch (RuntimeException | Error e) {
      device.close();
      throw e;
    }
  }

  /** What there is to say of it, which any thread may ask for. */
  public Facts facts() {
    TextEncoder.Options options = shared.encoding().options();
    return new Facts(
        "%s: %s".formatted(shared.label(), device.description()),
        encoder.dimensions(),
        options.maxLength(),
        shared.tokenizer().cutsLeft(),
        options.normalize() && encoder.dimensions() == encoder.width(),
        shared.notes());
  }

  @Override
  public TextEncoder.Encoded encode(List<String> texts) {
    return encoder.encodeCounted(texts);
  }

  @Override
  public void close() {
    try (device;
        loaded) {
      encoder.close();
    }
  }
}
