package org.mirror4j.experiment;

import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;
import org.mirror4j.bert.TextEncoder;
import org.mirror4j.device.Device;
import org.mirror4j.encode.Encoding;
import org.mirror4j.encode.LoadedModel;
import org.mirror4j.eval.MeasuredEncoder;
import org.mirror4j.eval.ModelEncoder;
import org.mirror4j.tensor.DType;

/** The encoder of a variant, made when the first task that was not measured before asks for it. */
final class MeasuredState implements AutoCloseable {
  private static final int BATCH_SIZE = 256;

  private final Device device;
  private final DType precision;
  private final Variant variant;
  private final ReproductionListener listener;
  private LoadedModel model;
  private TextEncoder encoder;
  private MeasuredEncoder measured;

  MeasuredState(Device device, DType precision, Variant variant, ReproductionListener listener) {
    this.device = device;
    this.precision = precision;
    this.variant = variant;
    this.listener = listener;
  }

  /**
   * The encoder.
   *
   * @param directory of the model, asked for once
   */
  MeasuredEncoder encoder(Supplier<Path> directory) {
    if (measured == null) {
      model = new LoadedModel(device, directory.get());
      Encoding.Resolved resolved =
          new Encoding(
                  variant.pooling(),
                  variant.maxLength().map(OptionalInt::of).orElse(OptionalInt.empty()),
                  Optional.empty(),
                  Optional.empty(),
                  Optional.empty(),
                  BATCH_SIZE,
                  precision)
              // What is another than the model's own is so on purpose.
              .resolve(model, variant.label(), listener::notice, warning -> {});
      encoder = model.encoder(resolved.options(), resolved.precision());
      measured = new ModelEncoder(encoder, model.tokenizer(), resolved.options(), listener::texts);
    }
    return measured;
  }

  @Override
  public void close() {
    if (encoder != null) {
      encoder.close();
    }
    if (model != null) {
      model.close();
    }
  }
}
