package org.mirror4j.encode;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertModel;
import org.mirror4j.bert.ModelTokenizer;
import org.mirror4j.bert.TextEncoder;
import org.mirror4j.calibrate.DenseLayer;
import org.mirror4j.calibrate.VectorMap;
import org.mirror4j.calibrate.flow.FlowFile;
import org.mirror4j.calibrate.flow.NormalizingFlow;
import org.mirror4j.checkpoint.DenseModule;
import org.mirror4j.checkpoint.ModelDirectory;
import org.mirror4j.checkpoint.ModelSettings;
import org.mirror4j.checkpoint.SafeTensors;
import org.mirror4j.device.Device;
import org.mirror4j.device.Precision;
import org.mirror4j.file.FileException;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.text.Tokenizer;

/** A model directory on a device, ready to encode. */
public final class LoadedModel implements AutoCloseable {
  private final Device device;
  private final BertConfig config;
  private final List<String> notes;
  // Null once packing its weights has failed.
  private BertModel model;
  private Optional<Precision> precision = Optional.empty();
  private final List<VectorMap> maps = new ArrayList<>();
  private final ModelSettings settings;
  private final Tokenizer tokenizer;
  private final Workspace workspace;

  /**
   * Loads encoder and tokenizer.
   *
   * @throws FileException if the directory is no model
   * @throws org.mirror4j.text.TextException if it has no usable tokenizer
   */
  public LoadedModel(Device device, Path path) {
    this.device = device;
    ModelDirectory directory = ModelDirectory.open(path);
    settings = directory.settings();
    config = BertConfig.of(directory);
    tokenizer = ModelTokenizer.open(directory, config);
    workspace = new Workspace(device);
    try (SafeTensors weights = directory.weights()) {
      model = BertModel.load(device, workspace, config, weights);
      notes = model.notes();
      for (DenseModule module : directory.dense()) {
        maps.add(DenseLayer.load(device, workspace, module));
      }
      directory.flow().ifPresent(file -> maps.add(flow(file)));
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  private NormalizingFlow flow(Path file) {
    int width = maps.isEmpty() ? config.hiddenSize() : maps.getLast().outputWidth();
    int channels = FlowFile.architecture(file).channels();
    if (channels != width) {
      throw new FileException(
          "%s: takes vectors of %d values, expected %d, as what is before it gives"
              .formatted(file, channels, width));
    }
    return FlowFile.read(device, workspace, file);
  }

  /** The architecture. */
  public BertConfig config() {
    return config;
  }

  /** The model's own; closed with this. */
  public Tokenizer tokenizer() {
    return tokenizer;
  }

  /** What a user should know of how the weights were read, a line each. */
  public List<String> notes() {
    return notes;
  }

  /** How the directory says that texts become vectors. */
  public ModelSettings settings() {
    return settings;
  }

  /**
   * The model for encoders of a precision, see {@link BertModel#forwardOnly}.
   *
   * @throws IllegalArgumentException if the device does not compute in it
   * @throws IllegalStateException if there are encoders of another one, or if packing its weights
   *     failed before
   */
  private BertModel forwardOnly(Precision precision) {
    Device computing = device.computingForward(precision);
    if (this.precision.isEmpty()) {
      // Where packing fails on its way some of the weights may be gone.
      this.precision = Optional.of(precision);
      BertModel loaded = model;
      model = null;
      model = loaded.forwardOnly(computing, workspace, precision);
    } else if (this.precision.get() != precision) {
      throw new IllegalStateException(
          "the model encodes in %s, asked for in %s"
              .formatted(this.precision.get().label(), precision.label()));
    }
    if (model == null) {
      throw new IllegalStateException(
          "the model's weights are gone: they could not be packed in " + precision.label());
    }
    return model;
  }

  /**
   * The model as {@link #forwardOnly} has it, for other devices of this process to read: see {@link
   * Workspace#publish}.
   *
   * @throws IllegalArgumentException if the device does not compute in it
   */
  BertModel publish(Precision precision) {
    BertModel published = forwardOnly(precision);
    workspace.publish();
    return published;
  }

  /**
   * An encoder; the caller closes it before this model.
   *
   * @throws IllegalArgumentException if the device does not compute in the precision, or the
   *     template leaves no room for text
   */
  public TextEncoder encoder(TextEncoder.Options options, Precision precision) {
    return encoder(options, precision, maps);
  }

  /**
   * An encoder of vectors as they are before any calibration.
   *
   * @throws IllegalArgumentException as {@link #encoder}
   */
  public TextEncoder uncalibrated(TextEncoder.Options options, Precision precision) {
    List<VectorMap> others =
        settings.calibration().isPresent() ? maps.subList(0, maps.size() - 1) : maps;
    return encoder(options, precision, others);
  }

  private TextEncoder encoder(
      TextEncoder.Options options, Precision precision, List<VectorMap> after) {
    BertModel forward = forwardOnly(precision);
    return new TextEncoder(device.computingForward(precision), forward, tokenizer, after, options);
  }

  /** What maps its pooled vectors, in order; a calibration is the last. */
  List<VectorMap> maps() {
    return maps;
  }

  @Override
  public void close() {
    workspace.close();
    tokenizer.close();
  }
}
