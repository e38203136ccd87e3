"""A Coqui VITS voice of true architecture and random weights, small:  PYTHON random_coqui_voice.py FOLDER

Run under the Python that has `coqui-tts`, which makes and saves the model itself: a folder like one of a trained voice.
"""

import json
import sys
from pathlib import Path

import torch
from TTS.tts.configs.shared_configs import CharactersConfig
from TTS.tts.configs.vits_config import VitsArgs, VitsConfig
from TTS.tts.models.vits import Vits

torch.manual_seed(1)
folder = Path(sys.argv[1])
folder.mkdir(parents=True)
config = VitsConfig(
    model_args=VitsArgs(
        hidden_channels=32,
        hidden_channels_ffn_text_encoder=64,
        num_layers_text_encoder=2,
        num_layers_posterior_encoder=2,
        num_layers_flow=2,
        upsample_initial_channel_decoder=32,
        resblock_kernel_sizes_decoder=[3],
        resblock_dilation_sizes_decoder=[[1, 3, 5]],
        init_discriminator=False,
        use_sdp=False,
        inference_noise_scale=0.3,
    ),
    text_cleaner="multilingual_cleaners",
    use_phonemes=False,
    characters=CharactersConfig(
        characters_class="TTS.tts.models.vits.VitsCharacters",
        pad="_",
        eos="",
        bos="",
        blank="",
        characters="abcdefghijklmnopqrstuvwxyzáéíóúñ",
        punctuations="!¡'(),-.:;¿? ",
        phonemes="",
    ),
)
model = Vits.init_from_config(config).eval()
model.duration_predictor.proj.bias.data.fill_(1.8)  # exp(1.8): six frames for each character
config.save_json(str(folder / "config.json"))
torch.save({"model": model.state_dict(), "config": config.to_dict()}, folder / "model.pth")
(folder / "voice.json").write_text(json.dumps({"language": "es-MX", "name": "Random", "licence": "CC0"}))
