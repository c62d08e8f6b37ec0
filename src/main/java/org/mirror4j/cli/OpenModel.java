package org.mirror4j.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import org.mirror4j.bert.TextEncoder;
import org.mirror4j.device.Device;
import org.mirror4j.encode.Encoding;
import org.mirror4j.encode.LoadedModel;
import org.mirror4j.eval.ModelEncoder;
import org.mirror4j.text.Template;

/** A model that is measured, in memory, and how its vectors are made. */
final class OpenModel implements AutoCloseable {
  private final String name;
  private final LoadedModel model;
  private final Encoding.Resolved resolved;
  private final TextEncoder encoder;

  /**
   * Reads a model.
   *
   * @param name as the user has it
   */
  OpenModel(Console console, Device device, Path path, String name, EncoderOptions encoding) {
    this.name = name;
    model = new LoadedModel(device, path);
    try {
      resolved = encoding.resolve(console, model, name);
      String made = model.settings().embedding().similarity().orElse("cosine");
      if (!made.equals("cosine")) {
        console.warning("%s: made for similarity by %s, measured by cosine".formatted(name, made));
      }
      encoder = model.encoder(resolved.options(), resolved.precision());
    } catch (RuntimeException | Error e) {
      model.close();
      throw e;
    }
  }

  /** The resolved settings, for people and programs. */
  ObjectNode settings() {
    return EncoderOptions.json(resolved, name);
  }

  /** In a few words, for under the title of a column. */
  String described() {
    return "%s, %d tokens%s%s"
        .formatted(
            resolved.options().pooling().label(),
            resolved.options().maxLength(),
            resolved.options().template().equals(Template.NONE)
                ? ""
                : resolved.options().template().isPrompt() ? ", a prompt" : ", a template",
            resolved.calibration().map(fitted -> ", " + fitted).orElse(""));
  }

  /** The encoder of its texts, for as long as this is open. */
  ModelEncoder encoder(ModelEncoder.Progress progress) {
    return new ModelEncoder(encoder, model.tokenizer(), resolved.options(), progress);
  }

  @Override
  public void close() {
    encoder.close();
    model.close();
  }
}
