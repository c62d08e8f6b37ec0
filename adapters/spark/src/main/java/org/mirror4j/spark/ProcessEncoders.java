package org.mirror4j.spark;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.mirror4j.Encoder;
import org.mirror4j.EncoderSettings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The encoders of this process, one for each model and settings, shared by its tasks. They are open
 * from the first use to the end of the process: tasks come and go, and none of them is known to be
 * the last. An open that fails is tried again by the next task.
 */
final class ProcessEncoders {
  private record Key(String location, EncoderSettings settings) {}

  private static final Logger LOGGER = LoggerFactory.getLogger(ProcessEncoders.class);
  private static final Map<Key, Encoder> OPEN = new ConcurrentHashMap<>();

  static {
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(() -> OPEN.values().forEach(Encoder::close), "mirror4j-encoders-close"));
  }

  private ProcessEncoders() {}

  /** An encoder that is open; where another task is opening it, waits for that. */
  static Encoder get(ModelSource model, EncoderSettings settings) {
    return OPEN.computeIfAbsent(
        new Key(model.location(), settings), key -> open(key, model, settings));
  }

  private static Encoder open(Key key, ModelSource model, EncoderSettings settings) {
    Encoder encoder = model.open(settings);
    LOGGER.info(
        "opened {}: vectors of {}, texts of up to {} tokens, engines: {}, {}",
        key.location(),
        encoder.dimensions(),
        encoder.maxLength(),
        settings.engines().orElseThrow(),
        encoder.device());
    encoder.notes().forEach(LOGGER::info);
    return encoder;
  }

  /** How many are open. */
  static int count() {
    return OPEN.size();
  }
}
