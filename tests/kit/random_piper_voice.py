"""A Piper voice of the true interface and random weights: noise that is as long as what is to be said.

As in VITS: an embedding of phonemes, a predictor of how long each lasts (times the length scale), a regulator that
repeats each as often, and a decoder of transposed convolutions from frames to samples.
"""

import json
from pathlib import Path

import numpy as np
from onnx import ModelProto, TensorProto, checker, helper, numpy_helper, save

RATE, HOP, WIDTH = 22_050, 256, 8
_PHONEMES = "_^$ !',-.:;?abcdefhijklmnopqrstuvwxyzæçðøħŋœɐɑɒɓɔɕɖɗəɚɛɜɟɡɣɤɥɦɨɪɫɬɭɯɰɱɲɳɵɸɹɻɽɾʀʁʂʃʈʉʊʋʌʏʐʑʒʔʕʝʟˈˌːβθχɴʰʲ"


def make_voice(
    folder: Path, name: str, *, espeak: str, speakers: tuple[str, ...] = (), seed: int = 1, licence: str | None = None
) -> Path:
    """`folder/name.onnx` and its `.json`, for espeak-ng's phonemes of that voice."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.onnx"
    save(_model(np.random.default_rng(seed), len(speakers)), path)
    told = {
        "audio": {"sample_rate": RATE, "quality": "test"},
        "espeak": {"voice": espeak},
        "language": {"code": name.partition("-")[0]},
        "inference": {"noise_scale": 0.667, "length_scale": 1.0, "noise_w": 0.8},
        "phoneme_type": "espeak",
        "phoneme_id_map": {phoneme: [number] for number, phoneme in enumerate(_PHONEMES)},
        "num_symbols": len(_PHONEMES),
        "num_speakers": max(1, len(speakers)),
        "speaker_id_map": {speaker: number for number, speaker in enumerate(speakers)},
        **({"license": licence} if licence else {}),
    }
    path.with_name(f"{name}.onnx.json").write_text(json.dumps(told), "utf-8")
    return path


def _model(random: np.random.Generator, speakers: int) -> ModelProto:
    def weights(name: str, *shape: int, scale: float = 1.0) -> TensorProto:
        return numpy_helper.from_array(random.normal(0, scale, shape).astype(np.float32), name)

    def numbers(name: str, *values: int) -> TensorProto:
        return numpy_helper.from_array(np.array(values, np.int64), name)

    def scalar(name: str, value: float) -> TensorProto:
        return numpy_helper.from_array(np.array(value, np.float32), name)

    node = helper.make_node
    nodes = [
        node("Gather", ["embedding", "input"], ["embedded"]),  # [1, T, C]
        node("Transpose", ["embedded"], ["text"], perm=[0, 2, 1]),
        # the scales: noise, length, noise of the lengths
        node("Split", ["scales"], ["noise", "length", "noise_w"], axis=0, num_outputs=3),
        # how many frames each phoneme lasts: 3 to 8, times the length scale
        node("Conv", ["text", "duration_weight"], ["logits"], kernel_shape=[1]),
        node("Sigmoid", ["logits"], ["share"]),
        node("Mul", ["share", "five"], ["more"]),
        node("Add", ["more", "three"], ["unscaled"]),
        node("Mul", ["unscaled", "length"], ["frames"]),
        node("Ceil", ["frames"], ["w_ceil"]),
        node("Cast", ["w_ceil"], ["whole"], to=TensorProto.INT64),
        node("Reshape", ["whole", "flat"], ["lasts"]),
        # each phoneme as often as it lasts: frame f belongs to the first phoneme that ends after f
        node("CumSum", ["lasts", "axis0"], ["ends"]),
        node("ReduceSum", ["lasts"], ["total"], keepdims=0),
        node("Range", ["zero", "total", "one"], ["frame"]),
        node("Unsqueeze", ["frame", "axis1"], ["frame_column"]),
        node("GreaterOrEqual", ["frame_column", "ends"], ["after"]),
        node("Cast", ["after"], ["after_number"], to=TensorProto.INT64),
        node("ReduceSum", ["after_number", "axis1"], ["phoneme"], keepdims=0),
        node("Gather", ["text", "phoneme"], ["regulated"], axis=2),
        node("RandomNormalLike", ["regulated"], ["random"], seed=7.0),
        node("Mul", ["random", "noise"], ["some"]),
        node("Add", ["regulated", "some"], ["latent"]),
        node("ConvTranspose", ["spoken", "decoder"], ["wave"], strides=[HOP], pads=[HOP // 2] * 2),
        node("Tanh", ["wave"], ["bounded"]),
        node("Unsqueeze", ["bounded", "axis1"], ["output"]),  # [1, 1, 1, samples], as Piper exports it
    ]
    inputs = [
        helper.make_tensor_value_info("input", TensorProto.INT64, [1, "phonemes"]),
        helper.make_tensor_value_info("input_lengths", TensorProto.INT64, [1]),
        helper.make_tensor_value_info("scales", TensorProto.FLOAT, [3]),
    ]
    held = [
        weights("embedding", len(_PHONEMES), WIDTH),
        weights("duration_weight", 1, WIDTH, 1),
        weights("decoder", WIDTH, 1, HOP * 2, scale=0.1),
        scalar("five", 5.0),
        scalar("three", 3.0),
        numbers("flat", -1),
        numbers("axis1", 1),
        *(numpy_helper.from_array(np.array(value, np.int64), name) for name, value in (("zero", 0), ("one", 1))),
        numpy_helper.from_array(np.array(0, np.int64), "axis0"),
    ]
    at = next(number for number, one in enumerate(nodes) if one.op_type == "ConvTranspose")
    if speakers:
        inputs.append(helper.make_tensor_value_info("sid", TensorProto.INT64, [1]))
        held.append(weights("speakers", speakers, WIDTH, scale=2.0))
        nodes[at:at] = [
            node("Gather", ["speakers", "sid"], ["speaker"]),
            node("Unsqueeze", ["speaker", "axis2"], ["speaker_column"]),
            node("Add", ["latent", "speaker_column"], ["spoken"]),
        ]
        held.append(numbers("axis2", 2))
    else:
        nodes.insert(at, node("Identity", ["latent"], ["spoken"]))
    output = helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, 1, 1, "samples"])
    graph = helper.make_graph(nodes, "vits", inputs, [output], held)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    checker.check_model(model)
    return model
